/// Which Content-Type EnterMedia gives a path, by its ending. It does so for every path whose last part looks like a file name, also
/// where the answer is JSON.
enum FileType {
    /// Nil for names that say nothing.
    static func named(_ name: some StringProtocol) -> String? {
        [
            "zip": "application/x-zip", "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif",
            "webp": "image/webp", "pdf": "application/pdf", "txt": "text/plain", "html": "text/html", "xml": "text/xml",
            "mp4": "video/mp4",
        ][ending(of: name)]
    }

    /// In lower case; empty without one.
    static func ending(of name: some StringProtocol) -> String {
        name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last.map { $0.lowercased() } ?? ""
    }
}
