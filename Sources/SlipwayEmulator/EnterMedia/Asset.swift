/// A file that EnterMedia keeps, and what it knows about it.
struct Asset: Sendable {
    let id: String
    /// Empty if it was created without a title.
    var title: String
    /// The file's name; empty without a file.
    var name: String
    /// Without a slash at its end.
    var sourcePath: String
    /// The source path is a folder, and the file is in it.
    var isFolder: Bool
    /// Nil when only its metadata was sent.
    var file: OpenFile?
    var importStatus = ImportStatus.created
    let owner: String
    /// Milliseconds since 1970.
    let added: Int
    /// Milliseconds since 1970, of the file.
    var modified: Int
    /// When the file came, on the monotonic clock.
    var arrival: Int

    enum ImportStatus: String, Sendable {
        case created, modified, complete

        var name: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
    }

    /// In lower case; empty without one.
    var ending: String {
        FileType.ending(of: name)
    }

    /// Where its file is, below the folder of all of them.
    var filePath: String {
        isFolder && !name.isEmpty ? "\(sourcePath)/\(name)" : sourcePath
    }

    /// Something that renditions are made of.
    var isImage: Bool {
        file.map { $0.size > 0 } == true && ["jpg", "jpeg", "png", "gif", "webp", "tif", "tiff", "bmp"].contains(ending)
    }

    /// What can be published of it besides the file itself.
    var renditions: [Rendition] {
        isImage ? Rendition.allCases : []
    }
}
