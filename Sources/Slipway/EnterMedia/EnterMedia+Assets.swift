internal import SlipwayHTTP
package import SlipwayJSON

extension EnterMedia {
    /// Reads an asset.
    package func asset(_ assetID: String?, _ operation: Operation, _ delivery: Delivery) async throws -> JSON {
        let context = Context(operation: operation, delivery: delivery)
        let id = try Identifier.check(assetID, "asset_id")
        context.report(Progress(.requesting, "reading the asset"), on: loop)
        guard let (asset, document) = try await asset(id, context) else { throw Self.noAsset(id) }
        return asset.normalForm(raw: document.json)
    }

    /// Nil when there is none.
    func asset(_ id: String, _ context: Context) async throws -> (Asset, Document)? {
        let document = try await get(Self.path(ofAsset: id), context).decoded()
        guard !document.isNotFound else { return nil }
        try document.requireOK()
        return (try document.require(Asset(document.json["data"]), "data"), document)
    }

    /// Before something is made of it: the server would take any id.
    func requireAsset(_ id: String, _ context: Context) async throws {
        context.report(Progress(.checking, "looking for the asset"), on: loop)
        guard try await asset(id, context) != nil else { throw Self.noAsset(id) }
    }

    /// Removes an asset, with its file and its links.
    package func deleteAsset(_ assetID: String?, _ operation: Operation, _ delivery: Delivery) async throws -> JSON {
        let context = Context(operation: operation, delivery: delivery)
        let id = try Identifier.check(assetID, "asset_id")
        try await requireAsset(id, context)
        let document = try await remove(Self.path(ofAsset: id), context)
        return .object(["id": .string(id), "deleted": true, "raw": document.json])
    }

    static func path(ofAsset id: String) -> String { "module/asset/data/\(id)" }

    private static func noAsset(_ id: String) -> Failure {
        Failure(.notFound, "EnterMediaDB has no asset \(id)", hint: "Check the id in EnterMediaDB; nothing was made for it.")
    }
}
