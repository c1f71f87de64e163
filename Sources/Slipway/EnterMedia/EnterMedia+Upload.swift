internal import SlipwayHTTP
package import SlipwayJSON

extension EnterMedia {
    /// A file to send.
    package struct Upload: Sendable {
        package var filePath: String?
        package var assetID: String?
        package var sourcePath: String?
        package var name: String?

        package init() {}
    }

    private static let uploadPath = "module/asset/create"

    /// Sends a file as an asset.
    package func upload(_ upload: Upload, _ operation: Operation, _ delivery: Delivery) async throws -> JSON {
        let context = Context(operation: operation, delivery: delivery)
        guard let path = upload.filePath, !path.isEmpty else {
            throw Failure(.invalidArgument, "file_path is missing", hint: "Set file_path in the request: a file of this machine.")
        }
        let id = try Identifier.check(upload.assetID ?? UUID.make(), "asset_id")
        let target = try AssetTarget(id, file: path, upload)
        context.report(Progress(.checking, "looking at \(path)"), on: loop)
        return try await send(try await loop.offload { try SourceFile(path) }, to: target, context)
    }

    /// Sends the file, whole, as often as it takes: the same id replaces what an attempt before may have left.
    func send(_ file: SourceFile, to target: AssetTarget, _ context: Context) async throws -> JSON {
        // Whoever is not let in learns that before gigabytes are sent.
        _ = try await asset(target.id, context)
        let meter = TransferMeter(total: file.size, context, on: loop)
        let request = String(decoding: try target.request.encoded(), as: UTF8.self)
        let form = Form(
            // A plain field: with a file name the server would take it for another file.
            fields: [Form.Field(name: "jsonrequest", text: request)], fileField: "file", fileName: target.name,
            file: file,
            onSent: meter.onSent)
        meter.tell()
        let document = try await ask(.post, Self.uploadPath, form: form, context).decoded()
        try document.requireOK()
        let stored = try document.require(document.json["response"]?.text("id") ?? document.json["data"]?.text("id"), "id")
        guard stored == target.id else {
            throw Failure(
                .protocol, "EnterMediaDB has stored the file as the asset \(stored.prefix(200)) instead of \(target.id)",
                hint: "Remove that asset, and check that no proxy changes requests.", httpStatus: document.httpStatus)
        }
        guard try await asset(target.id, context) != nil else {
            throw Failure(
                .protocol, "EnterMediaDB says that it has stored the file, but has no asset \(target.id)",
                hint: "Look into the server's log: its disk may be full.", httpStatus: document.httpStatus, isRetriable: true)
        }
        // The answer tells of a replaced asset what it was before.
        return .object([
            "id": .string(target.id), "name": .string(target.name), "sourcePath": .string(target.folder), "size": .integer(file.size),
            "raw": document.json,
        ])
    }
}
