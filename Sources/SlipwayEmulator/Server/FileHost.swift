/// Serves the files of a folder, as a plain download server does: GET and HEAD, one range, no listings.
struct FileHost: Sendable {
    /// Where it is served.
    static let prefix = "/files"

    /// Without a slash at its end. Symbolic links in it are followed: whoever puts one there means it.
    let folder: String

    init(folder: String) {
        var folder = folder
        while folder.count > 1, folder.hasSuffix("/") {
            folder.removeLast()
        }
        self.folder = folder
    }

    var routes: [Route] {
        [Route("GET", Self.prefix + "/{path...}") { request, captures in answer(request, path: captures["path"]) }]
    }

    private func answer(_ request: Request, path: String) -> Response {
        // Decoded one by one, so that an encoded slash or dot-dot is a name like any other, and one that is refused.
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map { PercentEncoding.decoded($0) }
        let isPlain = parts.allSatisfy { part in
            !part.isEmpty && part != "." && part != ".." && !part.utf8.contains(UInt8(ascii: "/")) && !part.utf8.contains(0)
        }
        guard isPlain, let file = OpenFile(path: ([folder] + parts).joined(separator: "/")) else {
            return .text(404, "There is no such file.\n", type: "text/plain; charset=utf-8")
        }
        var headers = [("Content-Type", Self.type(of: parts.last ?? "")), ("Accept-Ranges", "bytes")]
        switch ByteRange(header: request.header("Range"), size: file.size) {
        case .all:
            return Response(status: 200, headers: headers, body: .file(file, offset: 0, length: file.size))
        case .part(let offset, let length):
            headers.append(("Content-Range", "bytes \(offset)-\(offset + length - 1)/\(file.size)"))
            return Response(status: 206, headers: headers, body: .file(file, offset: offset, length: length))
        case .unsatisfiable:
            headers.append(("Content-Range", "bytes */\(file.size)"))
            return Response(status: 416, headers: headers, body: .bytes([]))
        }
    }

    private static func type(of name: String) -> String {
        let types = [
            "zip": "application/zip", "json": "application/json", "html": "text/html; charset=utf-8", "htm": "text/html; charset=utf-8",
            "txt": "text/plain; charset=utf-8", "css": "text/css", "js": "text/javascript", "xml": "application/xml", "png": "image/png",
            "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif", "svg": "image/svg+xml",
            "mp4": "video/mp4", "pdf": "application/pdf",
        ]
        let ending = name.split(separator: ".").dropFirst().last.map { $0.lowercased() }
        return ending.flatMap { types[$0] } ?? "application/octet-stream"
    }
}

/// What a Range header asks of a file. Several ranges at once, and what is no range, get all of it, as the RFC allows.
enum ByteRange: Equatable {
    case all
    case part(offset: UInt64, length: UInt64)
    case unsatisfiable

    init(header: String?, size: UInt64) {
        self = .all
        guard let header, header.lowercased().hasPrefix("bytes=") else { return }
        let bounds = header.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
            .map { $0.drop { $0 == " " } }
        guard bounds.count == 2, let first = bounds.first, let last = bounds.last,
            (first + last).utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return }
        switch (UInt64(first), UInt64(last)) {
        case (nil, let count?) where first.isEmpty:
            // The last so many bytes.
            let length = min(count, size)
            self = length == 0 ? .unsatisfiable : .part(offset: size - length, length: length)
        case (let offset?, nil) where last.isEmpty:
            self = offset < size ? .part(offset: offset, length: size - offset) : .unsatisfiable
        case (let offset?, let end?) where offset <= end:
            self = offset < size ? .part(offset: offset, length: min(end, size - 1) - offset + 1) : .unsatisfiable
        default:
            return
        }
    }
}
