import SlipwayJSON

/// Who sends a request, by the key or the session that came with it.
struct EnterMediaVisitor: Sendable {
    /// Nil: nobody that the server knows.
    var user: EnterMediaUser?
    /// Known by a key, which the server then sends back as a cookie.
    var hasKey = false
    /// The JSESSIONID that came, if the server knows it.
    var session: String?
    /// The value of a cookie `entermedia.key` that is nobody's key: the server takes that cookie away.
    var refusedCookie: String?

    /// Nobody, whatever came along.
    static let stranger = EnterMediaVisitor()

    private init() {}

    init(_ request: Request, body: JSON?, application: String, state: EnterMediaState) {
        let cookies = Self.cookies(request)
        var keys = [cookies["entermedia.key\(application)"], request.header("X-entermedia.key"), request.query("entermedia.key")]
        keys.append(body?.string("entermedia.key"))
        if request.header("X-tokentype")?.lowercased() == "entermedia" {
            keys.append(request.header("X-token"))
        }
        if state.settings.generation == .current, let cookie = cookies["entermedia.key"] {
            keys.append(cookie)
            if !state.users.contains(where: { $0.key == cookie }) {
                refusedCookie = cookie
            }
        }
        let given = Set(keys.compactMap { $0 })
        user = given.isEmpty ? nil : state.users.first { given.contains($0.key) }
        hasKey = user != nil
        if let id = cookies["JSESSIONID"], let userID = state.sessions[id] {
            session = id
            user = user ?? state.users.first { $0.id == userID }
        }
    }

    /// Somebody who may do more than log in.
    var mayUseAPI: Bool {
        user?.mayUseAPI == true
    }

    static func cookies(_ request: Request) -> [String: String] {
        var cookies: [String: String] = [:]
        for header in request.headers where header.name.lowercased() == "cookie" {
            for pair in header.value.split(separator: ";") {
                let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                if let name = parts.first, let value = parts.dropFirst().first {
                    cookies[String(name)] = String(value)
                }
            }
        }
        return cookies
    }
}

extension EnterMediaService {
    /// A login succeeds with user and password, or with a key, and says so only by the key in its answer: the status is 200 always.
    func login(_ exchange: Exchange) -> Response {
        var exchange = exchange
        if exchange.text("id", "accountname", "email") == nil {
            guard let user = exchange.visitor.user else {
                return exchange.json(AnswerShapes.invalidLogin(hasStatus: true))
            }
            return exchange.json(AnswerShapes.login(user, isStatusSaid: false, generation: exchange.settings.generation))
        }
        guard let user = user(exchange) else {
            return exchange.json(AnswerShapes.invalidLogin(hasStatus: false))
        }
        exchange.visitor.user = user
        exchange.visitor.hasKey = true
        return exchange.json(AnswerShapes.login(user, isStatusSaid: true, generation: exchange.settings.generation))
    }

    /// Says ok even for a wrong password.
    func getKey(_ exchange: Exchange) -> Response {
        var exchange = exchange
        exchange.visitor.hasKey = false
        return exchange.json(AnswerShapes.key(of: user(exchange)))
    }

    /// Ends the session and takes the cookies away. The key stays as good as it was.
    func logout(_ exchange: Exchange) -> Response {
        if let session = exchange.visitor.session {
            media.state.withLock { $0.sessions.end(session) }
        }
        var response = exchange.json(AnswerShapes.logout)
        let keys = [media.application, "", "openedit\(media.application)", "openedit"].map { "entermedia.key\($0)" }
        for name in keys + ["JSESSIONID\(media.application)", "JSESSIONID"] {
            response.headers.append(("Set-Cookie", "\(name)=none; Max-Age=0; Expires=Thu, 01-Jan-1970 00:00:10 GMT; Path=/"))
        }
        return response
    }

    /// Who the user and the password in a request belong to.
    private func user(_ exchange: Exchange) -> EnterMediaUser? {
        let name = exchange.text("id", "accountname", "email")
        let password = exchange.text("password")
        return media.state.withLock { state in
            state.users.first { ($0.id == name || $0.email == name) && $0.password == password }
        }
    }
}
