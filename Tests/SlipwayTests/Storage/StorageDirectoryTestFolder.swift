import Glibc
import SlipwayHTTP
import Testing

@testable import Slipway

/// A folder for one test: "site" in it is served, and beside it there are files to store.
final class StorageDirectoryTestFolder {
    let path: String
    var site: String { "\(path)/site" }

    /// Where files cannot share their blocks, so that copying takes more than a moment.
    static var copying: String { access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp" }

    init(in parent: String = "/tmp") throws {
        var template = Array("\(parent)/slipway-directory-XXXXXX".utf8CString)
        path = String(cString: try #require(mkdtemp(&template)))
        try #require(mkdir(site, 0o755) == 0)
    }

    deinit { Self.remove(path) }

    func directory() throws -> StorageDirectory { try StorageDirectory(site) }

    /// Makes or overwrites a file, and gives its path.
    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let path = "\(path)/\(name)"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try #require(bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) } == bytes.count)
        return path
    }

    func source(_ bytes: [UInt8], _ name: String = "source.zip") throws -> SourceFile { try SourceFile(write(name, bytes)) }

    /// A file of this size without content.
    func sparse(_ size: off_t) throws -> SourceFile {
        let path = try write("sparse.zip", [])
        try #require(truncate(path, size) == 0)
        return try SourceFile(path)
    }

    func bytes(_ name: String) throws -> [UInt8] {
        let descriptor = open("\(path)/\(name)", O_RDONLY | O_CLOEXEC)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(descriptor, &piece, piece.count)
            try #require(count >= 0)
            if count == 0 { return bytes }
            bytes += piece[..<count]
        }
    }

    func status(_ name: String) throws -> stat {
        var status = stat()
        try #require(lstat("\(path)/\(name)", &status) == 0)
        return status
    }

    func exists(_ name: String) -> Bool {
        var status = stat()
        return lstat("\(path)/\(name)", &status) == 0
    }

    /// All that is in the served folder, as paths from there; folders end in a slash.
    func names() throws -> [String] { try Self.names(site).sorted() }

    /// How many descriptors of this process lead into the folder.
    func openDescriptors() throws -> Int {
        let stream = try #require(opendir("/proc/self/fd"))
        defer { closedir(stream) }
        var count = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            var target = [CChar](repeating: 0, count: 4096)
            guard readlink("/proc/self/fd/\(name)", &target, 4095) > 0 else { continue }
            if target.withUnsafeBufferPointer({ $0.baseAddress.map { String(cString: $0) } ?? "" }).hasPrefix(path) { count += 1 }
        }
        return count
    }

    private static func names(_ path: String, _ prefix: String = "") throws -> [String] {
        let folder = try Folder(path)
        return try folder.names().flatMap { name in
            let status = try #require(try folder.status(of: name))
            guard FileKind(status) == .folder else { return [prefix + name] }
            return try ["\(prefix)\(name)/"] + names("\(path)/\(name)", "\(prefix)\(name)/")
        }
    }

    private static func remove(_ path: String) {
        _ = chmod(path, 0o755)
        guard let folder = try? Folder(path), let names = try? folder.names() else { return }
        for name in names {
            if let status = try? folder.status(of: name), FileKind(status) == .folder { remove("\(path)/\(name)") }
            unlink("\(path)/\(name)")
        }
        rmdir(path)
    }
}

extension StorageDirectory {
    /// `store` as most tests want it.
    @discardableResult
    func store(
        _ file: SourceFile, _ key: String, alwaysSend: Bool = false, bytesPerSecond: UInt64 = 0,
        onCopied: @Sendable (UInt64) -> Void = { _ in }, isCancelled: @Sendable () -> Bool = { false }
    ) throws -> Copied {
        try store(
            file, as: S3Key(existing: key), alwaysSend: alwaysSend, bytesPerSecond: bytesPerSecond, onCopied: onCopied,
            isCancelled: isCancelled)
    }
}

/// Bytes that repeat nowhere.
func randomBytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var generator = SeededGenerator(seed: seed)
    let words = (0..<(count + 7) / 8).map { _ in generator.next() }
    return words.withUnsafeBytes { Array($0.prefix(count)) }
}
