internal import SlipwayJSON

/// A file that EnterMediaDB keeps, with what it has found out about it.
struct Asset {
    let id: String
    private let data: JSON

    /// From an answer's `data`. Nil when it is not an asset.
    init?(_ data: JSON?) {
        guard let data, let id = data.text("id") else { return nil }
        self.id = id
        self.data = data
    }

    var name: String? { data.text("name") }
    var sourcePath: String? { data.text("sourcepath") }

    /// In bytes. The server tells it some time after the upload.
    var size: Int64? { data.integer("filesize") ?? data.text("filesize").flatMap { Int64($0) } }

    func normalForm(raw: JSON) -> JSON {
        let renditions = (data["downloads"]?.elements ?? []).compactMap { $0.text("id") }
        return .object([
            "id": .string(id), "name": .text(name), "title": .text(data.text("assettitle")), "sourcePath": .text(sourcePath),
            "size": .integer(size), "format": .text(data["fileformat"]?.text("id") ?? data.text("fileformat")),
            "md5": .text(data.text("md5hex")), "importStatus": .text(data["importstatus"]?.text("id") ?? data.text("importstatus")),
            "previewStatus": .text(data["previewstatus"]?.text("id") ?? data.text("previewstatus")),
            "createdAt": .text(data.text("assetaddeddate")), "modifiedAt": .text(data.text("assetmodificationdate")),
            "renditions": .array(renditions.map { .string($0) }), "raw": raw,
        ])
    }
}
