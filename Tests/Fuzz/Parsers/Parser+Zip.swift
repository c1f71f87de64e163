import SlipwayHTTP
import SlipwayJSON

@testable import Slipway

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension Parser {
    /// A package's table of contents, read from a file in memory.
    @Sendable static func readZip(_ bytes: [UInt8]) throws {
        let file = ScratchFile.shared
        try file.write(bytes)
        guard let package = try orFailure({ try Package.read(file.path) }) else { return }
        let form = package.normalForm
        try promise(form, hasText: "filePath")
        try BrokenPromise.unless(package.size == UInt64(bytes.count), "the size is \(package.size)")
        if let executable = package.executable {
            try BrokenPromise.unless(!executable.contains("\\") && isOneLine(executable), "the executable is \(executable)")
        }
        let tail = try orFailure { try package.tail() }
        if let tail {
            try BrokenPromise.unless(!tail.isEmpty && bytes.suffix(tail.count).elementsEqual(tail), "the tail is another file's")
        }
    }
}

/// One file for all inputs of a process, on no disk.
private final class ScratchFile: Sendable {
    static let shared = ScratchFile()

    let path: String

    private init() {
        let isThere = access("/dev/shm", W_OK) == 0
        path = "\(isThere ? "/dev/shm" : "/tmp")/slipway-fuzz-\(getpid()).zip"
        atexit { unlink(ScratchFile.shared.path) }
    }

    func write(_ bytes: [UInt8]) throws {
        guard let file = fopen(path, "wb") else { throw BrokenPromise(description: "\(path) cannot be written") }
        let count = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, count == bytes.count else { throw BrokenPromise(description: "\(path) cannot be written") }
    }
}
