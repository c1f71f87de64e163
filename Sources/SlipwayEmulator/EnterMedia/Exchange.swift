import SlipwayJSON

/// One request to EnterMedia: what was asked, by whom, and how answers to it look.
struct Exchange: Sendable {
    let request: Request
    /// What stands behind `services/`, decoded, without empty parts.
    let path: [String]
    let settings: EnterMediaSettings
    var visitor: EnterMediaVisitor
    /// The body, if it is a JSON object.
    let body: JSON?
    /// The members of the body, if it is a form.
    let fields: [(name: String, value: String)]
    private let media: EnterMedia

    init(_ request: Request, path: [String], media: EnterMedia) {
        self.request = request
        self.path = path
        self.media = media
        let type = (request.header("Content-Type") ?? "").lowercased()
        if let form = request.form {
            fields = form.fields.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) }
            body = form.field("jsonrequest").flatMap(Self.object)
        } else if type.hasPrefix("application/x-www-form-urlencoded") {
            fields = Request.members(String(decoding: request.body, as: UTF8.self)[...])
            body = nil
        } else {
            fields = []
            body = Self.object(request.body)
        }
        let (body, application) = (body, media.application)
        (settings, visitor) = media.state.withLock { state in
            (state.settings, EnterMediaVisitor(request, body: body, application: application, state: state))
        }
    }

    private static func object(_ bytes: [UInt8]) -> JSON? {
        guard let document = try? JSON(parsing: bytes), document.kind == .object else { return nil }
        return document
    }

    /// The first of these members that the body has, as JSON or as a form: a string, a number, or an object with an id.
    func text(_ names: String...) -> String? {
        for name in names {
            if let value = body?[name] {
                return value.string ?? value.string("id") ?? value.integer.map { String($0) } ?? value.bool.map { String($0) }
            }
            if let field = fields.first(where: { $0.name == name }) {
                return field.value
            }
        }
        return nil
    }

    func flag(_ name: String) -> Bool? {
        text(name).map { $0 == "true" }
    }

    // Where its links lead

    /// Scheme and host of returned URLs. A host without a port is taken for one that is served over https.
    var siteRoot: String {
        if !settings.cdnPrefix.isEmpty {
            return settings.cdnPrefix
        }
        if let root = request.header("X-SiteRoot") {
            return root
        }
        let host = request.header("Host") ?? "127.0.0.1"
        let hasPort = host.split(separator: "]").last?.contains(":") == true
        let scheme = request.header("X-Forwarded-Proto") ?? (request.isSecure || !hasPort ? "https" : "http")
        return "\(scheme)://\(host)"
    }

    func links(_ distribution: Distribution) -> DistributionLinks {
        DistributionLinks(original: "\(siteRoot)\(media.prefix)/services/distribution/published/\(distribution.id)")
    }

    // Answers

    /// JSON, or what passes for it. Its type is that of a file, where the path ends like one.
    func json(_ text: String, status: Int = 200) -> Response {
        let type = path.last.flatMap { FileType.named($0) } ?? "text/json;charset=UTF-8"
        // A path that looks like that of a file is taken for one here, too.
        let isFile = FileType.named(path.last ?? "") != nil
        var headers = (isFile ? [] : [("Cache-Control", "proxy-revalidate")]) + cookies + Self.crossOrigin
        headers.append(("Content-Type", type))
        return Response(status: status, headers: headers, body: .bytes(Array(text.utf8)), isChunked: true)
    }

    /// Who may not is sent elsewhere, and told nothing.
    func noAccess() -> Response {
        guard settings.generation == .current else {
            return json("", status: 403)
        }
        var response = json("", status: 302)
        response.headers.append(("Location", "\(media.prefix)/services/authentication/noaccess.json"))
        return response
    }

    /// A failure inside of the server; the connection ends with it.
    func failure(path: String? = nil, details: String) -> Response {
        var response = json(AnswerShapes.failure(path: path ?? "\(request.path).json", details: details), status: 500)
        response.headers.append(("Connection", "close"))
        return response
    }

    /// EnterMedia's own page for links that lead nowhere. `isPage`: the path looks like that of a page, not of a file.
    func notFound(_ what: String, isPage: Bool = false) -> Response {
        let cache = isPage ? [("Cache-Control", "proxy-revalidate")] : []
        let headers = cache + cookies + Self.crossOrigin + [("Content-Type", "text/html;charset=UTF-8")]
        return Response(status: 404, headers: headers, body: .bytes(Array(ErrorPages.notFound(what).utf8)), isChunked: true)
    }

    /// The web server knows nothing at this path. Whose key came with the request does not matter to it.
    func noEndpoint(isKnownSite: Bool) -> Response {
        var exchange = self
        exchange.visitor = .stranger
        var response = Self.page(404, ErrorPages.tomcat(404, "Not Found"))
        response.headers += exchange.cookies + (isKnownSite ? [("Cache-Control", "proxy-revalidate")] : [])
        return response
    }

    /// A page of the web server around EnterMedia.
    static func page(_ status: Int, _ text: String) -> Response {
        Response(
            status: status, headers: [("Content-Type", "text/html;charset=utf-8"), ("Content-Language", "en")],
            body: .bytes(Array(text.utf8)))
    }

    /// The cookies that come with each answer: a session, unless there is one, and the key, if one was shown.
    var cookies: [(name: String, value: String)] {
        var cookies: [(name: String, value: String)] = []
        if visitor.session == nil {
            let userID = visitor.user?.id
            let session = media.state.withLock { state in userID.map { state.sessions.begin($0) } ?? EnterMediaSessions.newID() }
            cookies.append(("Set-Cookie", "JSESSIONID=\(session); Path=/; Secure; HttpOnly"))
        }
        if let refused = visitor.refusedCookie {
            cookies.append(("Set-Cookie", "entermedia.key=\(refused); Max-Age=0; Expires=Thu, 01-Jan-1970 00:00:10 GMT"))
        }
        if let user = visitor.user, visitor.hasKey {
            let age = 34_560_000
            let expiry = Clock.cookieText(wall: Clock.wall + age * 1000)
            cookies.append(
                ("Set-Cookie", "entermedia.key\(media.application)=\(user.key); Max-Age=\(age); Expires=\(expiry); Path=/"))
        }
        return cookies
    }

    static let crossOrigin: [(name: String, value: String)] = [
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Methods", "DELETE, HEAD, GET, OPTIONS, POST, PUT"),
        (
            "Access-Control-Allow-Headers",
            "x-csrf-token,x-requested-with,authorization,origin,content-type,accept,x-email,x-token,x-tokentype"
        ),
        ("Access-Control-Max-Age", "3600"),
    ]
}
