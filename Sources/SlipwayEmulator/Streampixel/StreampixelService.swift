import SlipwayJSON

/// Streampixel's endpoints.
///
/// Each checks in this order: the request's form (400), the key and the user (401), the rate limit (429), the project and who owns it
/// (404, 403), and then what the call itself needs. A request counts for the rate limit when it gets as far as that; one that is
/// refused with 429 does not make the wait longer.
struct StreampixelService: Sendable {
    private let streampixel: Streampixel

    init(streampixel: Streampixel) {
        self.streampixel = streampixel
    }

    var routes: [Route] {
        [
            route("POST", "/projects/upload-file") { request, _ throws(Refusal) in try uploadFile(request) },
            route("POST", "/projects/distribute-file") { request, _ throws(Refusal) in try distributeFile(request) },
            route("POST", "/projects/test-webhook") { request, _ throws(Refusal) in try testWebhook(request) },
            route("GET", "/projects/userStats/{id}") { request, captures throws(Refusal) in try userStats(request, id: captures["id"]) },
            route("GET", "/projects") { request, _ throws(Refusal) in try listInPages(request) },
            route("GET", "/projects/{id}") { request, captures throws(Refusal) in
                // An old server takes this for the id of a project that it does not have.
                captures["id"] == "projects-status" && documents == .new
                    ? try listAll(request) : try project(request, id: captures["id"])
            },
        ]
    }

    private func route(
        _ method: String, _ path: String, _ answer: @escaping @Sendable (Request, Route.Captures) throws(Refusal) -> Response
    ) -> Route {
        Route(method, Streampixel.prefix + path) { request, captures in
            do throws(Refusal) {
                return try answer(request, captures)
            } catch {
                return error.response
            }
        }
    }

    /// An error as the service says it.
    struct Refusal: Error {
        let response: Response

        init(_ status: Int, _ message: String, headers: [(name: String, value: String)] = []) {
            response = .message(status, message, headers: headers)
        }
    }

    private var documents: Settings.Documents {
        streampixel.state.withLock { $0.settings.documents }
    }

    // The calls

    private func uploadFile(_ request: Request) throws(Refusal) -> Response {
        let form = try Form(request, required: ["projectId", "fileUrl"])
        let fileURL = form["fileUrl"]
        let autoRelease = try form.flag("autoRelease", default: true)
        let settings = streampixel.state.withLock { $0.settings }
        try Self.check(fileURL, rule: settings.fileURLRule)
        let user = try user(form)
        try limit("upload-file", user)
        let project = try project(form["projectId"], of: user, toChange: true)
        let build = Build(
            id: Identifier.random(), projectID: project.id, fileURL: fileURL, autoRelease: autoRelease,
            status: Build.Status.pending.rawValue)
        streampixel.state.withLock { state in
            if let index = state.projectIndex(project.id) {
                state.projects[index].builds.append(build)
                state.projects[index].updated = Clock.wall
            }
        }
        streampixel.pipeline.process(build)
        return .json(
            settings.uploadStatus, .object(["message": "Build queued for processing", "uploadId": .string(build.id)]))
    }

    private func distributeFile(_ request: Request) throws(Refusal) -> Response {
        let form = try Form(request, required: ["projectId", "uploadId"])
        let user = try user(form)
        try limit("distribute-file", user)
        let project = try project(form["projectId"], of: user, toChange: true)
        guard let build = project.builds.last(where: { $0.id == form["uploadId"] }) else {
            throw Refusal(404, "File not found in project")
        }
        // The URL that is meant is the one in the service's own repository: it has one when the build was saved there.
        guard build.isStored else {
            throw Refusal(400, "File has no URL")
        }
        streampixel.pipeline.distribute(build)
        return switch documents {
        case .old: .message(200, "Distribution triggered")
        case .new:
            .json(
                200,
                .object([
                    "success": true, "uploadId": .string(build.id), "region": .string(project.region),
                    "message": "File distribution triggered successfully",
                ]))
        }
    }

    private func testWebhook(_ request: Request) throws(Refusal) -> Response {
        let form = try Form(request, required: ["projectId"])
        let project = try project(form["projectId"], of: try user(form), toChange: false)
        guard let url = project.webhookURL else {
            throw Refusal(404, "No webhook URL configured")
        }
        let event = WebhookSender.Event(name: "webhook.test", projectID: project.id, status: "test")
        let status = streampixel.webhooks.post(event.body, event: event.name, projectID: project.id, to: url)
        let isDelivered = (200..<300).contains(status)
        return .json(
            200,
            .object([
                "success": .bool(isDelivered),
                "message": isDelivered ? "Test webhook delivered" : "Test webhook could not be delivered",
                "statusCode": .integer(status),
            ]))
    }

    private func listAll(_ request: Request) throws(Refusal) -> Response {
        let user = try user(request)
        let projects = streampixel.state.withLock { $0.projects.filter { $0.userID == user.id } }
        return .json(200, .object(["totalProjects": .integer(projects.count), "projects": .array(projects.map(\.statusDocument))]))
    }

    private func listInPages(_ request: Request) throws(Refusal) -> Response {
        guard documents == .old else {
            throw Refusal(404, "There is nothing at \(request.path)")
        }
        let user = try user(request)
        let projects = streampixel.state.withLock { $0.projects.filter { $0.userID == user.id } }
        let limit = min(max(request.query("limit").flatMap { Int($0) } ?? 20, 1), 100)
        let pages = max(1, (projects.count + limit - 1) / limit)
        let page = max(request.query("page").flatMap { Int($0) } ?? 1, 1)
        let (first, overflow) = (page - 1).multipliedReportingOverflow(by: limit)
        let shown = overflow ? [] : projects.dropFirst(first).prefix(limit)
        return .json(
            200,
            .object([
                "projects": .array(shown.map(\.pageDocument)), "page": .integer(page), "totalPages": .integer(pages),
                "totalProjects": .integer(projects.count),
            ]))
    }

    private func project(_ request: Request, id: String) throws(Refusal) -> Response {
        let user = try user(request)
        return .json(200, try project(id, of: user, toChange: false).document)
    }

    private func userStats(_ request: Request, id: String) throws(Refusal) -> Response {
        guard request.query("userId")?.isEmpty == false, request.query("apikey")?.isEmpty == false else {
            throw Refusal(400, "projectId, userId and apikey are required")
        }
        let project = try project(id, of: try user(request), toChange: false)
        return .json(200, .object(["liveUser": .integer(project.liveUsers), "queueUser": .integer(project.usersInQueue)]))
    }

    // The checks

    private func user(_ form: Form) throws(Refusal) -> User {
        try user(id: form["userId"], apiKey: form["apiKey"])
    }

    private func user(_ request: Request) throws(Refusal) -> User {
        try user(id: request.query("userId") ?? "", apiKey: request.query("apikey") ?? "")
    }

    private func user(id: String, apiKey: String) throws(Refusal) -> User {
        let found = streampixel.state.withLock { $0.users.first { $0.apiKey == apiKey } }
        guard let user = found else {
            throw Refusal(401, "Unauthorized: Invalid API Key")
        }
        guard user.id == id else {
            throw Refusal(401, "Invalid User")
        }
        return user
    }

    /// `toChange`: something is to be done to it, which a project that is not enabled does not allow.
    private func project(_ id: String, of user: User, toChange: Bool) throws(Refusal) -> Project {
        let found = streampixel.state.withLock { state in state.projectIndex(id).map { state.projects[$0] } }
        guard let project = found else {
            throw Refusal(404, "Project not found")
        }
        guard project.userID == user.id, project.isEnabled || !toChange else {
            throw Refusal(403, "Access denied")
        }
        return project
    }

    private func limit(_ endpoint: String, _ user: User) throws(Refusal) {
        let found = streampixel.state.withLock { state in
            state.waitingTime(endpoint: endpoint, userID: user.id).map { (time: $0, settings: state.settings) }
        }
        guard let (time, settings) = found else { return }
        let seconds = (time + 999) / 1000
        let amount =
            switch settings.rateLimitText {
            case .minutes: Self.amount((settings.rateWindow + 59_999) / 60_000, "minute")
            case .seconds: Self.amount(seconds, "second")
            }
        throw Refusal(
            429, "Rate limit exceeded. Try again in \(amount).", headers: settings.retryAfter ? [("Retry-After", String(seconds))] : [])
    }

    private static func amount(_ number: Int, _ unit: String) -> String {
        "\(number) \(unit)\(number == 1 ? "" : "s")"
    }

    private static func check(_ fileURL: String, rule: Settings.FileURLRule) throws(Refusal) {
        let lower = fileURL.lowercased()
        guard let scheme = ["http://", "https://"].first(where: { lower.hasPrefix($0) }),
            lower.dropFirst(scheme.count).first.map({ !"/?#:".contains($0) }) == true,
            fileURL.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f })
        else {
            throw Refusal(400, "Invalid fileUrl")
        }
        if rule == .clean, lower.contains("?") || !lower.hasSuffix(".zip") {
            throw Refusal(400, "Invalid fileUrl: it must be a direct link to a .zip file")
        }
    }
}
