import SlipwayJSON

/// The admin endpoints that are about Streampixel: what it knows, and changing that by hand.
struct StreampixelAdmin: Sendable {
    private let streampixel: Streampixel
    /// Sets back the parts that are not Streampixel's.
    private let resetOthers: @Sendable () -> Void

    init(streampixel: Streampixel, resetOthers: @escaping @Sendable () -> Void) {
        self.streampixel = streampixel
        self.resetOthers = resetOthers
    }

    var routes: [Route] {
        let base = AdminService.prefix
        return [
            Route("GET", base + "/state") { _, _ in .json(200, streampixel.state.withLock(\.document)) },
            Route("POST", base + "/reset") { _, _ in
                resetOthers()
                streampixel.reset()
                return .json(200, streampixel.state.withLock(\.document))
            },
            Route("GET", base + "/settings") { _, _ in .json(200, streampixel.state.withLock(\.settings.document)) },
            Route("PATCH", base + "/settings") { request, _ in answer(request, changeSettings) },
            Route("POST", base + "/users") { request, _ in answer(request, addUser) },
            Route("PATCH", base + "/users/{id}") { request, captures in
                answer(request) { form throws(AdminForm.Refusal) in try changeUser(form, id: captures["id"]) }
            },
            Route("POST", base + "/projects") { request, _ in answer(request, addProject) },
            Route("PATCH", base + "/projects/{id}") { request, captures in
                answer(request) { form throws(AdminForm.Refusal) in try changeProject(form, id: captures["id"]) }
            },
            Route("POST", base + "/builds") { request, _ in answer(request, addBuild) },
            Route("PATCH", base + "/builds/{id}") { request, captures in
                answer(request) { form throws(AdminForm.Refusal) in try changeBuild(form, id: captures["id"]) }
            },
            Route("GET", base + "/webhooks") { _, _ in
                .json(200, .object(["webhooks": .array(streampixel.state.withLock { $0.deliveries.map(\.document) })]))
            },
            Route("POST", base + "/webhooks") { request, _ in answer(request, sendWebhook) },
        ]
    }

    private func answer(_ request: Request, _ body: (AdminForm) throws(AdminForm.Refusal) -> Response) -> Response {
        AdminService.answer { () throws(AdminForm.Refusal) in try body(try AdminForm(request)) }
    }

    /// Changes the state, all of it or, on a refusal, nothing.
    private func change<Result: Sendable>(
        _ body: (inout StreampixelState) throws(AdminForm.Refusal) -> Result
    ) throws(AdminForm.Refusal) -> Result {
        let outcome = streampixel.change { state -> Swift.Result<Result, AdminForm.Refusal> in
            var changed = state
            do throws(AdminForm.Refusal) {
                let result = try body(&changed)
                state = changed
                return .success(result)
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    private func changeSettings(_ form: AdminForm) throws(AdminForm.Refusal) -> Response {
        let settings = try change { state throws(AdminForm.Refusal) in
            try state.settings.apply(form)
            return state.settings
        }
        return .json(200, settings.document)
    }

    private func addUser(_ form: AdminForm) throws(AdminForm.Refusal) -> Response {
        let user = User(id: try form.string("userId") ?? Identifier.random(), apiKey: try form.string("apiKey") ?? Identifier.random())
        let count = try form.integer("projects", 0...1000) ?? 1
        try form.finish()
        let projects = (0..<count).map { Project(id: Identifier.random(), userID: user.id, name: "Project \($0 + 1)") }
        try change { state throws(AdminForm.Refusal) in
            guard !state.users.contains(where: { $0.id == user.id || $0.apiKey == user.apiKey }) else {
                throw AdminForm.Refusal(409, "There is a user with that userId or apiKey")
            }
            state.users.append(user)
            state.projects += projects
        }
        return .json(201, user.document(projects: projects.map(\.id)))
    }

    private func changeUser(_ form: AdminForm, id: String) throws(AdminForm.Refusal) -> Response {
        let apiKey = try form.required("apiKey")
        try form.finish()
        let document = try change { state throws(AdminForm.Refusal) in
            guard let index = state.users.firstIndex(where: { $0.id == id }) else {
                throw AdminForm.Refusal(404, "There is no user \(id)")
            }
            guard !state.users.contains(where: { $0.apiKey == apiKey && $0.id != id }) else {
                throw AdminForm.Refusal(409, "Another user has that apiKey")
            }
            state.users[index].apiKey = apiKey
            return state.users[index].document(projects: state.projects.filter { $0.userID == id }.map(\.id))
        }
        return .json(200, document)
    }

    private func addProject(_ form: AdminForm) throws(AdminForm.Refusal) -> Response {
        let document = try change { state throws(AdminForm.Refusal) in
            let userID = try form.string("userId") ?? state.users.first?.id ?? ""
            guard state.users.contains(where: { $0.id == userID }) else {
                throw AdminForm.Refusal(404, "There is no user \(userID)")
            }
            let id = try form.string("projectId") ?? Identifier.random()
            guard state.projectIndex(id) == nil else {
                throw AdminForm.Refusal(409, "There is a project \(id)")
            }
            var project = Project(id: id, userID: userID, name: "Project \(state.projects.count + 1)")
            try project.apply(form)
            state.projects.append(project)
            return project.adminDocument
        }
        return .json(201, document)
    }

    private func changeProject(_ form: AdminForm, id: String) throws(AdminForm.Refusal) -> Response {
        let document = try change { state throws(AdminForm.Refusal) in
            guard let index = state.projectIndex(id) else {
                throw AdminForm.Refusal(404, "There is no project \(id)")
            }
            try state.projects[index].apply(form)
            return state.projects[index].adminDocument
        }
        return .json(200, document)
    }

    private func addBuild(_ form: AdminForm) throws(AdminForm.Refusal) -> Response {
        let projectID = try form.required("projectId")
        var build = Build(
            id: try form.string("uploadId") ?? Identifier.random(), projectID: projectID,
            fileURL: try form.string("fileUrl") ?? "http://127.0.0.1/build.zip", autoRelease: try form.flag("autoRelease") ?? true,
            status: try form.string("status") ?? Build.Status.approved.rawValue)
        build.objection = try form.stringOrNull("objection") ?? nil
        build.isStored = [Build.Status.approved, .distributing].contains(Build.Status(rawValue: build.status))
        let isLive = try form.flag("live") ?? false
        try form.finish()
        let added = build
        let document = try change { state throws(AdminForm.Refusal) in
            guard let index = state.projectIndex(projectID) else {
                throw AdminForm.Refusal(404, "There is no project \(projectID)")
            }
            guard state.build(added.id) == nil else {
                throw AdminForm.Refusal(409, "There is a build \(added.id)")
            }
            state.projects[index].builds.append(added)
            if isLive {
                state.projects[index].liveBuild = added.id
            }
            return added.adminDocument(isLive: isLive)
        }
        return .json(201, document)
    }

    private func changeBuild(_ form: AdminForm, id: String) throws(AdminForm.Refusal) -> Response {
        let status = try form.string("status")
        let objection = try form.stringOrNull("objection")
        let isLive = try form.flag("live")
        let notifies = try form.flag("notify") ?? false
        try form.finish()
        let found = streampixel.change { state in
            state.withBuild(id) { build, project in
                build.walk += 1
                build.jobs = 0
                if status != nil || objection != nil {
                    build.enter(status ?? build.status, objection: objection ?? nil)
                    build.isStored = [Build.Status.approved, .distributing].contains(Build.Status(rawValue: build.status))
                }
                if let isLive, isLive || project.liveBuild == id {
                    project.liveBuild = isLive ? id : nil
                }
                return (build: build, isLive: project.liveBuild == id)
            }
        }
        guard let found else {
            throw AdminForm.Refusal(404, "There is no build \(id)")
        }
        if notifies {
            streampixel.webhooks.announce(found.build, isLast: true)
        }
        return .json(200, found.build.adminDocument(isLive: found.isLive))
    }

    private func sendWebhook(_ form: AdminForm) throws(AdminForm.Refusal) -> Response {
        let projectID = try form.required("projectId")
        let uploadID = try form.string("uploadId")
        let found = streampixel.state.withLock { state in
            (project: state.projectIndex(projectID).map { state.projects[$0] }, build: uploadID.flatMap { state.build($0) })
        }
        guard let url = try form.string("url") ?? found.project?.webhookURL else {
            throw AdminForm.Refusal(404, "The project \(projectID) has no webhookUrl, and there is no url")
        }
        let body: [UInt8]
        let name: String
        if let text = try form.string("body") {
            (body, name) = (Array(text.utf8), "")
        } else {
            name = try form.required("event")
            let status = try form.string("status") ?? found.build?.status ?? ""
            body =
                WebhookSender.Event(
                    name: name, projectID: projectID, uploadID: uploadID, fileURL: try form.string("fileUrl") ?? found.build?.fileURL,
                    status: status, objection: try form.string("objection") ?? found.build?.objection
                ).body
        }
        try form.finish()
        let status = streampixel.webhooks.post(body, event: name, projectID: projectID, to: url)
        return .json(200, .object(["delivered": .bool((200..<300).contains(status)), "statusCode": .integer(status)]))
    }
}
