import SlipwayJSON

/// Distributions: nearly everything is ok, and leaves a record.
extension EnterMediaService {
    /// A request as it came, and the record that it makes. An id that is not there, or a body that is no object, is no obstacle.
    func createDistribution(_ exchange: Exchange) -> Response {
        guard let id = newID(exchange) else {
            let text = "class java.lang.Long cannot be cast to class java.lang.String (java.lang.Long and java.lang.String are in module"
            let cause = "\(text) java.base of loader 'bootstrap')"
            let path = "/WEB-INF/base/mediadb/services/distribution/create/_site.xconf#JsonDataModule.getUUID"
            return failure(exchange, in: path, of: "java.lang.ClassCastException", cause)
        }
        let made = Distribution(id: id, assetID: assetID(exchange), allowsOriginal: exchange.flag("alloworiginal") ?? false)
        let asset = media.state.withLock { state in
            state.save(made)
            return made.assetID.flatMap { state.assets[$0] }
        }
        let links = exchange.links(made)
        return switch exchange.settings.shape {
        case .current: exchange.json(AnswerShapes.created(made, asset: asset, links: links))
        case .documented:
            exchange.json(AnswerShapes.createdAsDocumented(made, data: Self.data(made, asset: asset, original: nil), links: links))
        }
    }

    /// An unknown id is created; what is not said is forgotten.
    func editDistribution(_ exchange: Exchange) -> Response {
        let inPath = exchange.path.dropFirst(2).first.flatMap { $0 == "edit" ? nil : $0 }
        let id = exchange.text("id") ?? inPath ?? media.state.withLock { $0.newRecordID() }
        let original = exchange.flag("alloworiginal")
        let edited = Distribution(id: id, assetID: assetID(exchange), allowsOriginal: original ?? false)
        let asset = media.state.withLock { state in
            state.save(edited)
            return edited.assetID.flatMap { state.assets[$0] }
        }
        return exchange.json(AnswerShapes.record(id: id, data: Self.data(edited, asset: asset, original: original)))
    }

    func distribution(_ exchange: Exchange, id: String) -> Response {
        let found = media.state.withLock { state in
            state.distributions[id].map { (distribution: $0, asset: $0.assetID.flatMap { state.assets[$0] }) }
        }
        guard let (distribution, asset) = found else {
            return exchange.json(AnswerShapes.record(id: nil, data: [:]))
        }
        let data = Self.data(distribution, asset: asset, original: distribution.allowsOriginal)
        return exchange.json(AnswerShapes.record(id: id, data: data))
    }

    /// The id is in the query or in the path; a body is not looked at.
    func deleteDistribution(_ exchange: Exchange, id: String? = nil) -> Response {
        let id = id ?? exchange.request.query("id") ?? exchange.path.dropFirst(2).first ?? ""
        let isDeleted = media.state.withLock { $0.deleteDistribution(id) }
        return exchange.json(AnswerShapes.status(isDeleted ? "ok" : "not found"))
    }

    /// The one setting of a catalog that links depend on.
    func deleteSetting(_ exchange: Exchange, id: String) -> Response {
        let isDeleted = media.state.withLock { state in
            let isDeleted = id == "cdn_prefix" && !state.settings.cdnPrefix.isEmpty
            state.settings.cdnPrefix = isDeleted ? "" : state.settings.cdnPrefix
            return isDeleted
        }
        return exchange.json(AnswerShapes.status(isDeleted ? "ok" : "not found"))
    }

    func searchDistributions(_ exchange: Exchange) -> Response {
        guard let search = EnterMediaSearch(exchange) else {
            let path = "/WEB-INF/base/mediadb/services/distribution/search/_site.xconf#JsonDataModule.handleSearch"
            return failure(
                exchange, in: path, of: "java.lang.NullPointerException",
                "Cannot invoke \"java.util.Collection.iterator()\" because \"queries\" is null")
        }
        let found = media.state.withLock { state in
            let (hits, total) = search.page(of: state.distributions, id: \.id) { distribution, field in
                switch field {
                case "assetid": distribution.assetID ?? ""
                case "alloworiginal": String(distribution.allowsOriginal)
                default: nil
                }
            }
            return (hits: hits.map { ($0, $0.assetID.flatMap { state.assets[$0] }) }, total: total)
        }
        let hits = found.hits.map { AnswerShapes.hit($0, asset: $1, links: exchange.links($0)) }
        let query = "\t\t\t\t\"friendly\":\"\(search.friendlyText(id: "GUID"))\",\n\t\t\t\t\"search\":\"\(search.text)\"\n"
        let list = hits.isEmpty ? "" : "\n" + hits.joined(separator: ", \n")
        return exchange.json("\n" + search.answer("distribution", total: found.total, query: query, results: list))
    }

    /// What was asked for, or one that the server makes; nil when it is a number.
    private func newID(_ exchange: Exchange) -> String? {
        let given = exchange.body?["id"]
        if let given, !given.isNull {
            guard let text = given.string else { return nil }
            return text.isEmpty ? media.state.withLock { $0.newRecordID() } : text
        }
        if let field = exchange.fields.first(where: { $0.name == "id" }) {
            return field.value
        }
        return exchange.body == nil ? media.state.withLock { $0.newRecordID() } : EnterMediaState.newUUID()
    }

    /// In a form it counts only when it is announced: `field=assetid&assetid.value=101`.
    private func assetID(_ exchange: Exchange) -> String? {
        guard exchange.body == nil else { return exchange.text("assetid") }
        let isAnnounced = exchange.fields.contains { $0.name == "field" && $0.value == "assetid" }
        return isAnnounced ? exchange.text("assetid.value") : nil
    }

    /// A failure as Java's exceptions read; the details say twice what happened.
    func failure(_ exchange: Exchange, in path: String, of exception: String, _ cause: String) -> Response {
        exchange.failure(path: "\(path) \(exception): \(cause)", details: "\(path) \(exception): \(cause) \(cause)")
    }

    /// A name, an empty one, is there for assets that have a title.
    private static func data(_ distribution: Distribution, asset: Asset?, original: Bool?) -> JSON {
        let name: JSON? = asset.flatMap { $0.title.isEmpty ? nil : "" }
        return .object([
            "alloworiginal": original.map { .string(String($0)) },
            "assetid": distribution.assetID.map { .object(["id": .string($0), "name": name]) },
            "id": .string(distribution.id),
        ])
    }
}
