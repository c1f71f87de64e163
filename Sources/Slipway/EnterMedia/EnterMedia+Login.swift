internal import SlipwayHTTP
package import SlipwayJSON

extension EnterMedia {
    private static let loginPath = "authentication/login"

    /// Logs in now; without a user and a password, looks whether the key is accepted.
    package func login(_ operation: Operation, _ delivery: Delivery) async throws -> JSON {
        let context = Context(operation: operation, delivery: delivery)
        guard canLogIn else {
            context.report(Progress(.requesting, "asking EnterMediaDB whether it accepts the key"), on: loop)
            // Any id will do: what counts is that the server is willing to look for it.
            let document = try await get("distribution/edit/\(UUID.make())", context).decoded()
            if !document.isNotFound { try document.requireOK() }
            return .object(["user": .null, "loggedIn": false, "raw": .null])
        }
        var answer = JSON.null
        context.report(Progress(.requesting, "logging in at EnterMediaDB"), on: loop)
        _ = try await session.logIn {
            let login = try await logIn(context)
            answer = login.document
            return login.key
        }
        let user = answer["response"]?.text("user") ?? answer["results"]?.text("userid")
        return .object(["user": .text(user), "loggedIn": true, "raw": answer])
    }

    var canLogIn: Bool { settings.user != nil && settings.password != nil }

    /// The session's key. Logs in when there is none.
    func key(_ context: Context) async throws -> Session.Key {
        if let key = session.key { return key }
        guard canLogIn else {
            _ = try servicesURL()
            throw noKey
        }
        return try await session.key(on: loop) { try await logIn(context).key }
    }

    private var noKey: Failure {
        Failure(
            .invalidArgument, "entermedia_key is missing, and so are entermedia_user and entermedia_password",
            hint:
                "Set these options of the client, or the environment variables ENTERMEDIA_KEY, or ENTERMEDIA_USER and ENTERMEDIA_PASSWORD.")
    }

    private func logIn(_ context: Context) async throws -> (key: Session.Key, document: JSON) {
        guard let user = settings.user, let password = settings.password else { throw noKey }
        var request = Request(
            .post, try servicesURL() + Self.loginPath, headers: ["Content-Type: application/json", "Accept: application/json", "Expect:"],
            body: try JSON.object(["id": .string(user), "password": .string(password)]).encoded())
        request.hidesAnswer = true
        let document = try await send(request, Self.loginPath, context).decoded()
        // Wherever the server's generation puts it. Nothing else proves a login: a wrong password is a 200 as well, and may even say ok.
        guard let key = document.json["results"]?.text("entermediakey") ?? document.json.text("entermediakey"), Session.isKey(key) else {
            throw Failure(
                .unauthorized, "EnterMediaDB does not let the user \(user) in (HTTP \(document.httpStatus))",
                hint: "Check the user's name and the password.", httpStatus: document.httpStatus)
        }
        http.configuration.redaction.learn(key)
        return (Session.Key(key), document.json)
    }
}
