internal import SlipwayJSON

/// Where a file goes in the library.
struct AssetTarget {
    let id: String
    /// Without a slash at its end.
    let folder: String
    let name: String

    /// Checks the names: the server makes paths of them.
    init(_ id: String, file path: String, _ upload: EnterMedia.Upload) throws(Failure) {
        self.id = id
        var folder = upload.sourcePath.flatMap { $0.isEmpty ? nil : $0 } ?? "slipway/\(id)"
        while folder.hasSuffix("/") { folder.removeLast() }
        let steps = folder.split(separator: "/", omittingEmptySubsequences: false)
        guard steps.allSatisfy({ !$0.isEmpty && Self.isPlain($0) }), folder.utf8.count <= 512 else {
            throw Failure(
                .invalidArgument, "source_path is not a folder of the library",
                hint: "Such as builds/MyGame: no slash at the start, no \"..\", no $, backslash or quote, at most 512 bytes.")
        }
        let name = upload.name.flatMap { $0.isEmpty ? nil : $0 } ?? path.split(separator: "/").last.map(String.init) ?? ""
        guard Self.isPlain(name[...]), !name.contains("/"), !name.isEmpty, name.utf8.count <= 255 else {
            throw Failure(
                .invalidArgument,
                upload.name == nil ? "the name of the file at file_path cannot be used in the library" : "name is not a file name",
                hint: "Give name: no slash, backslash, $ or quote, at most 255 bytes.")
        }
        self.folder = folder
        self.name = name
    }

    /// No step out of the folder, none of the server's placeholders, nothing that would end a text or a header.
    private static func isPlain(_ text: Substring) -> Bool {
        text != "." && text != ".." && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && !"\\\"$<>|*?:".utf8.contains($0) }
    }

    var request: JSON { .object(["id": .string(id), "sourcepath": .string(folder + "/")]) }
}
