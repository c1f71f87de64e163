import Glibc
import SlipwayHTTP
import Testing

@testable import Slipway

@Suite struct FileCopyTests {
    private let folder: StorageDirectoryTestFolder

    init() throws { folder = try StorageDirectoryTestFolder() }

    private func copy(
        _ file: SourceFile, to path: String, _ flags: Int32 = 0, _ ways: [FileCopy.Way] = FileCopy.Way.allCases, bytesPerSecond: UInt64 = 0,
        onCopied: (UInt64) -> Void = { _ in }
    ) throws -> FileCopy.Way {
        let source = try SourceFile.open(file.path)
        defer { close(source) }
        let target = open(path, O_RDWR | O_CREAT | O_CLOEXEC | flags, 0o644)
        try #require(target >= 0)
        defer { close(target) }
        return try FileCopy(
            file: file, source: source, target: target, targetPath: path, bytesPerSecond: bytesPerSecond, ways: ways
        ).run(onCopied: onCopied, isCancelled: { false })
    }

    /// Whichever of them this file system knows, the copy is the same: also of a size that is no multiple of a piece.
    @Test(arguments: [[.clone, .range, .pieces], [.range, .pieces], [.pieces]] as [[FileCopy.Way]], [0, 1, 1 << 20, 16 << 20 | 12_345])
    func everyWayCopiesTheSame(ways: [FileCopy.Way], size: Int) throws {
        let bytes = randomBytes(size)
        var last: UInt64 = 0
        let way = try copy(folder.source(bytes), to: "\(folder.path)/copy", 0, ways) { last = $0 }
        #expect(ways.contains(way) && last == UInt64(size))
        #expect(try folder.bytes("copy") == bytes)
    }

    /// From one file system to another one nothing can be shared.
    @Test(.enabled(if: access("/dev/shm", W_OK) == 0)) func anotherFileSystemIsNoObstacle() throws {
        let shared = try StorageDirectoryTestFolder(in: "/dev/shm")
        let bytes = randomBytes(3 << 20 | 5)
        let file = try folder.source(bytes)
        let isOther = try folder.status("source.zip").st_dev != shared.status("site").st_dev
        #expect(try copy(file, to: "\(shared.path)/copy") != .clone || !isOther)
        #expect(try shared.bytes("copy") == bytes)
    }

    /// The kernel does not copy into a file that is only appended to.
    @Test func whatTheKernelWillNotCopyIsReadAndWritten() throws {
        let bytes = randomBytes(2 << 20 | 7)
        #expect(try copy(folder.source(bytes), to: "\(folder.path)/copy", O_APPEND, [.range, .pieces]) == .pieces)
        #expect(try folder.bytes("copy") == bytes)
    }

    /// The device that is always full.
    @Test func aDiskThatFillsUpOnTheWayIsTold() throws {
        let error = try #require(throws: SystemError.self) { try copy(folder.source([1, 2, 3]), to: "/dev/full") }
        #expect(error.number == ENOSPC && error.message == "/dev/full cannot be written: No space left on device")
    }

    @Test func aFileThatBecomesShorterIsNoticed() throws {
        let path = try folder.write("source.zip", randomBytes(3 << 20))
        let file = try SourceFile(path)
        for ways in [[.range, .pieces], [.pieces]] as [[FileCopy.Way]] {
            let problem = try #require(throws: SourceFile.Problem.self) {
                try copy(file, to: "\(folder.path)/copy", 0, ways, bytesPerSecond: 20 << 20) { _ in truncate(path, 1_000) }
            }
            #expect(problem == file.changed)
        }
    }

    @Test func aLimitIsKept() throws {
        let file = try folder.source(randomBytes(1 << 20))
        var pieces: [UInt64] = []
        let taken = try ContinuousClock().measure {
            _ = try copy(file, to: "\(folder.path)/copy", 0, [.range, .pieces], bytesPerSecond: 4 << 20) { pieces.append($0) }
        }
        #expect(taken >= .milliseconds(249))
        #expect(pieces.count >= 3 && pieces.last == 1 << 20)
        #expect(CopyPace(1).pieceSize == 1 && CopyPace(.max).pieceSize == .max / 10 && CopyPace(0).pieceSize == .max)
    }
}
