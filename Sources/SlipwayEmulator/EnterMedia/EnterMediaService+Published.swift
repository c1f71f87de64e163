/// Published links: public, whatever key comes with them.
extension EnterMediaService {
    /// `published/<id>` is the asset's own file, `published/<id>/<preset>` a rendition. A slash at the end makes it a folder, and there
    /// are no folders.
    func published(_ exchange: Exchange) -> Response {
        let parts = exchange.path.dropFirst(2)
        let isFolder = exchange.request.path.hasSuffix("/")
        if let id = parts.first {
            // Whatever is asked for: from now on the cache knows the distribution.
            media.state.withLock { $0.noteRequest(for: id) }
        }
        guard !isFolder, let id = parts.first, parts.count <= 2 else {
            return exchange.notFound(parts.joined(separator: "/") + (isFolder ? "/index.html/index.html" : ""), isPage: isFolder)
        }
        let preset = parts.dropFirst().first
        let answer = media.state.withLock { state -> Response? in
            guard let (distribution, asset) = state.published(id) else { return nil }
            switch preset {
            case nil, "0": return distribution.allowsOriginal ? original(asset, exchange) : nil
            case let preset?:
                return asset.renditions.first { $0.rawValue == preset && state.isConverted(asset) }
                    .map { rendition($0, of: asset, exchange) }
            }
        }
        guard var answer else {
            return exchange.notFound(parts.joined(separator: "/"))
        }
        // Made without the lock, which they need.
        answer.headers = exchange.cookies + Exchange.crossOrigin + answer.headers
        return answer
    }

    /// The type is that of the link, not of the file.
    private func original(_ asset: Asset, _ exchange: Exchange) -> Response? {
        guard let file = asset.file else { return nil }
        let type = exchange.path.last.flatMap { FileType.named($0) } ?? "application/octet-stream"
        return content(
            asset, exchange, type: type, headers: [("Content-disposition", "attachment; filename=\"\(asset.name)\"")], size: file.size
        ) { .file(file, offset: $0, length: $1) }
    }

    private func rendition(_ rendition: Rendition, of asset: Asset, _ exchange: Exchange) -> Response {
        let bytes = rendition.content(of: asset)
        return content(asset, exchange, type: rendition.type, headers: [], size: UInt64(bytes.count)) { offset, length in
            .bytes(Array(bytes.dropFirst(Int(clamping: offset)).prefix(Int(clamping: length))))
        }
    }

    private func content(
        _ asset: Asset, _ exchange: Exchange, type: String, headers: [(name: String, value: String)], size: UInt64,
        body: (_ offset: UInt64, _ length: UInt64) -> Response.Body
    ) -> Response {
        var headers = headers
        headers += [("ETag", String(asset.modified)), ("Cache-Control", "max-age=0; must-revalidate"), ("Accept-Ranges", "bytes")]
        switch ByteRange(header: exchange.request.header("Range"), size: size) {
        case .all:
            return Response(status: 200, headers: headers + [("Content-Type", type)], body: body(0, size))
        case .part(let offset, let length):
            headers.append(("Content-Range", "bytes \(offset)-\(offset + length - 1)/\(size)"))
            return Response(status: 206, headers: headers + [("Content-Type", type)], body: body(offset, length))
        case .unsatisfiable:
            headers.append(("Content-Range", "bytes */\(size)"))
            return Response(status: 416, headers: headers, body: .bytes([]))
        }
    }
}
