/// The download of a build, as the service does it: one GET, no redirect followed, the bytes at once.
///
/// All of it is fetched, but only its first bytes and its end are kept, where a zip archive has its directory: memory does not grow
/// with the size of a build, and no disk is filled.
struct BuildDownload {
    /// What is left of a build after its download.
    struct Archive: Equatable {
        let size: UInt64
        let head: [UInt8]
        let tail: [UInt8]
    }

    enum Outcome: Equatable {
        case downloaded(Archive)
        /// In the service's place: why the build is rejected.
        case objection(String)
        case cancelled
    }

    let url: String
    /// Larger builds are refused.
    let maximumSize: UInt64
    /// A file with the certificates to trust for https; nil: the system's.
    var trust: String?
    /// Seconds without a byte after which it is given up.
    var idleSeconds = 30

    /// Downloads on the calling thread. `isCancelled` is asked about once a second, and with every piece.
    func run(isCancelled: @escaping () -> Bool) -> Outcome {
        let collector = Collector()
        let transfer = Transfer(method: .get, url: url, idleSeconds: idleSeconds, trust: trust)
        let outcome = transfer.perform(isCancelled: isCancelled) { [maximumSize] status, piece in
            guard status == 200 else {
                // Judged by its status alone: the rest of it is of no interest.
                collector.refusedStatus = status
                return false
            }
            collector.take(piece)
            return collector.size <= maximumSize
        }
        switch outcome {
        case .answered(let status, let contentType):
            if status != 200 {
                return .objection(Self.objection(status: status))
            }
            if contentType.lowercased().hasPrefix("text/html") {
                return .objection("File not downloadable: the URL leads to an HTML page, not to a file")
            }
            return .downloaded(Archive(size: collector.size, head: collector.head, tail: collector.tail))
        case .stopped:
            if let status = collector.refusedStatus {
                return .objection(Self.objection(status: status))
            }
            return collector.size > maximumSize ? .objection("File too large: it has more than \(maximumSize) bytes") : .cancelled
        case .failed(let text):
            return .objection("File not downloadable: \(text)")
        }
    }

    private static func objection(status: Int) -> String {
        switch status {
        case 300..<400: "File not downloadable: the URL answers with a redirect (HTTP \(status)), but it must be a direct link"
        default: "File not downloadable: the URL answers with HTTP \(status)"
        }
    }
}

/// Takes the pieces of a download and keeps its beginning and its end. Used by one thread.
private final class Collector {
    private(set) var size: UInt64 = 0
    private(set) var head: [UInt8] = []
    /// The status of an answer whose body is not wanted.
    var refusedStatus: Int?

    private var blocks: [Block] = []
    private var kept = 0

    private struct Block {
        var bytes: [UInt8]
        var count = 0
    }

    /// A central directory needs about 100 bytes for each file: this is enough for more than half a million of them.
    private static let tailLimit = 64 << 20
    private static let blockSize = 1 << 20

    func take(_ piece: UnsafeRawBufferPointer) {
        size += UInt64(piece.count)
        head += piece.prefix(max(0, 4 - head.count))
        kept += piece.count
        var rest = piece[...]
        while !rest.isEmpty {
            if blocks.last.map({ $0.count == Self.blockSize }) ?? true {
                blocks.append(Block(bytes: [UInt8](repeating: 0, count: Self.blockSize)))
            }
            let last = blocks.count - 1
            let part = rest.prefix(Self.blockSize - blocks[last].count)
            let filled = blocks[last].count
            blocks[last].bytes.withUnsafeMutableBytes { bytes in
                UnsafeMutableRawBufferPointer(rebasing: bytes.dropFirst(filled).prefix(part.count))
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
            }
            blocks[last].count += part.count
            rest = rest.dropFirst(part.count)
        }
        while let first = blocks.first, kept - first.count >= Self.tailLimit {
            kept -= first.count
            blocks.removeFirst()
        }
    }

    /// The last bytes: all of a small file, at least `tailLimit` of a large one.
    var tail: [UInt8] {
        var tail: [UInt8] = []
        tail.reserveCapacity(kept)
        for block in blocks {
            tail += block.bytes.prefix(block.count)
        }
        return tail
    }
}
