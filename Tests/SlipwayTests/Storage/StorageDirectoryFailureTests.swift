import Glibc
import SlipwayHTTP
import Testing

@testable import Slipway

/// What is refused, in which words, and that nothing is left of it.
@Suite struct StorageDirectoryFailureTests {
    private let folder: StorageDirectoryTestFolder

    init() throws { folder = try StorageDirectoryTestFolder() }

    /// The failure of a store that changes nothing.
    private func failure(_ key: String, _ file: SourceFile? = nil, status: Status = .file) throws -> Failure {
        let before = try folder.names()
        let storage = try folder.directory()
        let source = try file ?? folder.source(randomBytes(100_000))
        let failure = try #require(throws: Failure.self) { try storage.store(source, key) }
        #expect(failure.status == status && !failure.hint.isEmpty && !failure.message.hasSuffix("."))
        #expect(try folder.names() == before)
        #expect(try folder.openDescriptors() == 0)
        return failure
    }

    // MARK: The folder

    @Test func aFolderThatCannotBeUsedIsTold() throws {
        let file = try folder.write("file", [])
        for (path, word) in [
            ("\(folder.path)/none", "No such file"), (file, "is not a folder"), ("\(file)/below", "is not a folder"),
            ("/" + String(repeating: "a", count: 300), "too long"),
        ] {
            let failure = try #require(throws: Failure.self) { try StorageDirectory(path) }
            #expect(failure.status == .file && failure.message.contains(word) && failure.message.contains(path) && !failure.hint.isEmpty)
        }
        #expect(try #require(throws: Failure.self) { try StorageDirectory("") }.status == .invalidArgument)
    }

    /// Root may write everywhere, so it looks as somebody else: of its threads only this one does.
    @Test func aFolderThatMayNotBeWrittenIsTold() throws {
        let storage = try folder.directory()
        let source = try folder.source([1])
        try #require(chmod(folder.path, 0o755) == 0 && mkdir("\(folder.site)/locked", 0o555) == 0 && chmod(folder.site, 0o555) == 0)
        typealias SetUser = @convention(c) (uid_t) -> Int32
        let setUser = unsafeBitCast(try #require(dlsym(nil, "setfsuid")), to: SetUser.self)
        if geteuid() == 0 { _ = setUser(65_534) }
        defer { _ = setUser(geteuid()) }
        let failure = try #require(throws: Failure.self) { try StorageDirectory(folder.site) }
        #expect(failure.status == .file && failure.message == "\(folder.site) cannot be written: Permission denied")
        #expect(failure.hint.contains("user"))
        for key in ["locked/a.zip", "new/a.zip", "a.zip"] {
            let failure = try #require(throws: Failure.self) { try storage.store(source, key) }
            #expect(failure.status == .file && failure.message.contains("cannot be made: Permission denied"))
        }
        #expect(try folder.names() == ["locked/"])
    }

    // MARK: The key

    @Test(
        arguments: [
            ("/etc/passwd", "empty step"), ("a//b.zip", "empty step"), ("a/", "empty step"), ("", "empty step"), ("../a.zip", ".."),
            ("a/../../b.zip", ".."), ("./a.zip", "has . or .."), ("a/..", ".."), ("a\0b", "zero byte"),
            (String(repeating: "a", count: 256), "256 bytes"), ("a/\(String(repeating: "ä", count: 128))/b", "256 bytes"),
            (".a.zip.0123456789abcdef0123456789abcdef.slipway", "not whole yet"),
        ])
    func aKeyThatIsNoPathIsRefused(key: String, word: String) throws {
        #expect(try failure(key, status: .invalidArgument).message.contains(word))
        #expect(throws: Failure.self) { try folder.directory().delete(S3Key(existing: key)) }
    }

    @Test(arguments: [".htaccess", ".a.zip.slipway", "...", "a .. b", ".a.zip.0123456789ABCDEF0123456789ABCDEF.slipway", "~", "-rf"])
    func aKeyThatOnlyLooksStrangeIsTaken(key: String) throws {
        try folder.directory().store(folder.source([1]), key)
        #expect(try folder.names() == [key])
    }

    // MARK: What is in its place

    @Test func noLinkIsFollowed() throws {
        try #require(mkdir("\(folder.path)/outside", 0o755) == 0 && mkdir("\(folder.site)/inside", 0o755) == 0)
        try folder.write("outside/secret.zip", [9])
        for (target, name) in [
            ("../outside", "out"), ("inside", "in"), ("nowhere", "dangling"), ("../outside/secret.zip", "file.zip"), ("loop", "loop"),
        ] {
            try #require(symlink(target, "\(folder.site)/\(name)") == 0)
        }
        for key in ["out/a.zip", "out/secret.zip", "in/a.zip", "in/b/a.zip", "dangling/a.zip", "loop/a.zip", "file.zip", "loop"] {
            #expect(try failure(key).message.contains("is a symbolic link"))
            #expect(throws: Failure.self) { try folder.directory().delete(S3Key(existing: key)) }
        }
        #expect(try folder.bytes("outside/secret.zip") == [9])
        #expect(!folder.exists("outside/a.zip") && !folder.exists("nowhere"))
    }

    @Test(.timeLimit(.minutes(1))) func onlyAFileIsReplaced() throws {
        try #require(mkdir("\(folder.site)/folder", 0o755) == 0 && mkfifo("\(folder.site)/pipe", 0o644) == 0)
        try folder.write("site/file", [1])
        #expect(try failure("folder").message == "\(folder.site)/folder is a folder, not a file")
        #expect(try failure("pipe").message == "\(folder.site)/pipe is a pipe, not a file")
        #expect(try failure("pipe/a.zip").message == "\(folder.site)/pipe is a pipe, not a folder")
        #expect(try failure("file/a.zip").message == "\(folder.site)/file is a file, not a folder")
        #expect(throws: Failure.self) { try folder.directory().delete(S3Key(existing: "pipe")) }
    }

    // MARK: The file

    /// Whatever happens to the file in between, the object is not made.
    @Test(arguments: ["appended", "cut", "touched", "replaced", "removed"]) func aFileThatChangesIsNoticed(how: String) throws {
        let path = try folder.write("source.zip", randomBytes(1 << 20))
        let file = try SourceFile(path)
        let storage = try folder.directory()
        try folder.write("site/a.zip", [1])
        let failure = try #require(throws: Failure.self) {
            try storage.store(file, "a.zip", bytesPerSecond: 8 << 20) { _ in
                switch how {
                case "appended", "cut": truncate(path, how == "cut" ? 1_000 : 2 << 20)
                case "touched":
                    var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
                    utimensat(AT_FDCWD, path, &times, 0)
                case "replaced":
                    let descriptor = open("\(path).new", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
                    ftruncate(descriptor, 1 << 20)
                    close(descriptor)
                    rename("\(path).new", path)
                default: unlink(path)
                }
            }
        }
        #expect(failure.status == .file && failure.message.hasPrefix("\(path) "))
        #expect(failure.message.contains(how == "removed" ? "No such file" : "has changed"))
        #expect(try folder.names() == ["a.zip"] && folder.bytes("site/a.zip") == [1])
        #expect(try folder.openDescriptors() == 0)
    }

    @Test func aFileThatIsNotTheOneIsNoticedBeforeAnythingIsMade() throws {
        let file = try folder.source([1, 2, 3])
        try folder.write("source.zip", [1, 2, 3, 4])
        #expect(try failure("a/b/c.zip", file).message.contains("has changed"))
        unlink("\(folder.path)/source.zip")
        #expect(try failure("a/b/c.zip", file).message.contains("No such file"))
    }

    // MARK: Cancelling

    @Test(arguments: [(0, 0), (1, 0), (0, 4 << 20), (1, 4 << 20), (3, 4 << 20)] as [(Int, UInt64)])
    func aCancelledCopyLeavesNothing(after pieces: Int, bytesPerSecond: UInt64) throws {
        let folder = try StorageDirectoryTestFolder(in: StorageDirectoryTestFolder.copying)
        let storage = try folder.directory()
        try folder.write("site/old.zip", [1])
        let source = try folder.source(randomBytes(5 << 20))
        for key in ["new/folder/a.zip", "old.zip"] {
            let asked = Monitor(0)
            let isCancelled: @Sendable () -> Bool = {
                asked.withLock { count in
                    count += 1
                    return count > pieces
                }
            }
            #expect(throws: CancellationError.self) {
                try storage.store(source, key, bytesPerSecond: bytesPerSecond, isCancelled: isCancelled)
            }
        }
        #expect(try folder.names() == ["old.zip"] && folder.bytes("site/old.zip") == [1])
        #expect(try folder.openDescriptors() == 0)
    }

    @Test func aComparisonCanBeCancelled() throws {
        let storage = try folder.directory()
        let source = try folder.source(randomBytes(3 << 20))
        try storage.store(source, "a.zip")
        let before = try folder.status("site/a.zip").st_ino
        #expect(throws: CancellationError.self) { try storage.store(source, "a.zip", isCancelled: { true }) }
        #expect(try folder.status("site/a.zip").st_ino == before)
    }

    // MARK: The disk

    /// Four terabytes, on a file system in memory: told at once, and without taking what room there is.
    @Test(.timeLimit(.minutes(1)), .enabled(if: access("/dev/shm", W_OK) == 0)) func aFullDiskIsToldBeforeAnythingIsCopied() throws {
        let shared = try StorageDirectoryTestFolder(in: "/dev/shm")
        try shared.write("site/old.zip", [1])
        let source = try folder.sparse(1 << 42)
        for key in ["old.zip", "new/folder/a.zip"] {
            let failure = try #require(throws: Failure.self) {
                try shared.directory().store(source, key) { _ in Issue.record("something was copied") }
            }
            #expect(failure.status == .file && !failure.isRetriable)
            #expect(failure.message.hasPrefix("\(shared.site)/\(key) cannot be written: it needs 4398046511104 bytes, and "))
            #expect(failure.message.hasSuffix("are free on that disk") && failure.hint.contains("room"))
        }
        #expect(try shared.names() == ["old.zip"] && shared.bytes("site/old.zip") == [1])
        #expect(try shared.openDescriptors() == 0)
    }

    /// The file system's own answers, where one can be mounted: a disk that is full of files, and one that is read-only.
    @Test(.enabled(if: SmallDisk.canBeMounted)) func aSmallDiskIsToldOf() throws {
        let disk = try SmallDisk(at: folder.site, "size=1m,nr_inodes=4")
        defer { disk.unmount() }
        let storage = try folder.directory()
        #expect(try failure("a.zip", folder.source(randomBytes(2 << 20))).message.hasSuffix("are free on that disk"))
        try storage.store(folder.source(randomBytes(600_000)), "a.zip")
        let source = try folder.source(randomBytes(600_000, seed: 2))
        // The old one stays until the new one is whole.
        let noRoom = try failure("a.zip", source)
        #expect(noRoom.message.contains("it needs 600000 bytes") && noRoom.hint.contains("replaces"))
        let noNames = try failure("b/c/d/a.zip", folder.source([1]))
        #expect(noNames.message.contains("No space left on device"))
        try disk.makeReadOnly()
        let readOnly = try #require(throws: Failure.self) { try StorageDirectory(folder.site) }
        #expect(readOnly.message.contains("Read-only file system") && readOnly.hint.contains("read-only"))
        #expect(throws: Failure.self) { try storage.store(source, "a.zip") }
        #expect(try folder.names() == ["a.zip"])
    }

    @Test func aShortageOfDescriptorsIsNotTheFoldersFault() {
        let failure = SystemError(EMFILE, "/srv/a.zip cannot be made").failure
        #expect(failure.status == .internal && failure.isRetriable && failure.hint.contains("ulimit -n"))
        #expect(failure.message == "/srv/a.zip cannot be made: Too many open files")
    }

    @Test(arguments: [ENOSPC, EDQUOT, EROFS, EACCES, EPERM, EMLINK, ENAMETOOLONG, EFBIG, EIO, ESTALE, ENOENT, EINVAL])
    func everyReasonHasAHint(number: Int32) {
        let failure = SystemError(number, "/srv/a.zip cannot be written").failure
        #expect(failure.status == .file && !failure.isRetriable && failure.hint.hasSuffix("."))
    }
}

/// A file system in memory over a folder.
private struct SmallDisk {
    private let path: String

    static let canBeMounted: Bool = {
        guard let folder = try? StorageDirectoryTestFolder(), let disk = try? SmallDisk(at: folder.site, "size=1m") else { return false }
        disk.unmount()
        return true
    }()

    init(at path: String, _ options: String) throws {
        self.path = path
        guard mount("slipway-test", path, "tmpfs", 0, options) == 0 else { throw SystemError(errno, "\(path) cannot be mounted") }
    }

    func makeReadOnly() throws { try #require(mount(nil, path, nil, UInt(MS_REMOUNT | MS_RDONLY), nil) == 0) }

    func unmount() { umount2(path, Int32(MNT_DETACH)) }
}
