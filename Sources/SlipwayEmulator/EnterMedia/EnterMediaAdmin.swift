import SlipwayJSON

/// The admin endpoints that are about EnterMedia: what it knows, and changing that by hand.
struct EnterMediaAdmin: Sendable {
    private let media: EnterMedia

    init(media: EnterMedia) {
        self.media = media
    }

    var routes: [Route] {
        let base = AdminService.prefix + "/entermedia"
        return [
            Route("GET", base) { _, _ in .json(200, media.state.withLock(\.document)) },
            Route("GET", base + "/settings") { _, _ in .json(200, media.state.withLock(\.settings.document)) },
            Route("PATCH", base + "/settings") { request, _ in answer(request, changeSettings) },
            Route("PATCH", base + "/users/{id}") { request, captures in
                answer(request) { form throws(AdminForm.Refusal) in try changeUser(form, id: captures["id"]) }
            },
            Route("POST", base + "/assets") { request, _ in answer(request, addAssets) },
            Route("DELETE", base + "/assets/{id}") { _, captures in
                remove("asset", captures["id"]) { state, id in
                    defer { state.assets[id] = nil }
                    return state.assets[id] != nil
                }
            },
            Route("DELETE", base + "/distributions/{id}") { _, captures in
                remove("distribution", captures["id"]) { $0.deleteDistribution($1) }
            },
            Route("POST", base + "/restart") { _, _ in
                media.state.withLock { $0.restart() }
                return .json(200, [:])
            },
        ]
    }

    private func answer(_ request: Request, _ body: (AdminForm) throws(AdminForm.Refusal) -> Response) -> Response {
        AdminService.answer { () throws(AdminForm.Refusal) in try body(try AdminForm(request)) }
    }

    private func remove(_ kind: String, _ id: String, _ body: (inout EnterMediaState, String) -> Bool) -> Response {
        guard media.state.withLock({ body(&$0, id) }) else {
            return .message(404, "There is no \(kind) \(id)")
        }
        return .json(200, [:])
    }

    private func changeSettings(_ form: AdminForm) throws(AdminForm.Refusal) -> Response {
        let before = media.state.withLock(\.settings)
        var settings = before
        try settings.apply(form, hasTLS: media.tlsPort != nil)
        let changed = settings
        media.state.withLock { $0.settings = changed }
        return .json(200, changed.document)
    }

    private func changeUser(_ form: AdminForm, id: String) throws(AdminForm.Refusal) -> Response {
        let password = try form.required("password")
        try form.finish()
        let document = media.state.withLock { state -> JSON? in
            guard let index = state.users.firstIndex(where: { $0.id == id }) else { return nil }
            state.users[index].password = password
            return state.users[index].document
        }
        guard let document else {
            throw AdminForm.Refusal(404, "There is no user \(id)")
        }
        return .json(200, document)
    }

    /// Assets as if they had been uploaded long ago: their renditions are there.
    private func addAssets(_ form: AdminForm) throws(AdminForm.Refusal) -> Response {
        let givenID = try form.string("id")
        let name = try form.string("name") ?? "sample.jpg"
        let title = try form.string("title") ?? ""
        let content = try form.string("content")
        let bytes = try form.integer("bytes", 0...1 << 40)
        let count = try form.integer("count", 1...1_000_000)
        try form.finish()
        guard content == nil || bytes == nil else {
            throw AdminForm.Refusal("content and bytes cannot both be given")
        }
        guard let file = TemporaryFile(), file.append(Array((content ?? (bytes == nil ? "the content of \(name)" : "")).utf8)[...]),
            bytes.map({ file.extend(to: UInt64($0)) }) ?? true, let made = file.finish()
        else {
            throw AdminForm.Refusal(409, "There is no room for the file: \(TemporaryFile.problem)")
        }
        let ids = media.state.withLock { state -> [String] in
            let id = givenID ?? state.newRecordID()
            let ids = count.map { count in (1...count).map { "\(id)-\($0)" } } ?? [id]
            for id in ids {
                state.assets[id] = Asset(
                    id: id, title: title, name: name, sourcePath: "emulator/\(id)", isFolder: true, file: made,
                    importStatus: .complete, owner: state.users.first?.id ?? "", added: Clock.wall, modified: Clock.wall,
                    arrival: Clock.monotonic - state.settings.conversionTime)
            }
            return ids
        }
        return .json(201, .object(["id": ids.first.map { .string($0) }, "count": .integer(ids.count)]))
    }
}

extension EnterMediaState {
    var document: JSON {
        .object([
            "settings": settings.document,
            "users": .array(users.map(\.document)),
            "assets": .array(
                assets.all.map { asset in
                    .object([
                        "id": .string(asset.id), "title": .string(asset.title), "name": .string(asset.name),
                        "sourcePath": .string(asset.sourcePath), "bytes": asset.file.map { .integer($0.size) } ?? .null,
                        "importStatus": .string(asset.importStatus.rawValue), "converted": .bool(isConverted(asset)),
                    ])
                }),
            "distributions": .array(
                distributions.all.map { distribution in
                    .object([
                        "id": .string(distribution.id), "assetId": distribution.assetID.map { .string($0) } ?? .null,
                        "allowOriginal": .bool(distribution.allowsOriginal),
                        "assetExists": .bool(distribution.assetID.map { assets[$0] != nil } ?? false),
                    ])
                }),
        ])
    }
}

extension EnterMediaUser {
    var document: JSON {
        .object(["user": .string(id), "password": .string(password), "key": .string(key), "mayUseApi": .bool(mayUseAPI)])
    }
}
