import Glibc
import SlipwayHTTP
import Testing

@testable import Slipway

/// What ends up in the folder.
@Suite struct StorageDirectoryTests {
    private let folder: StorageDirectoryTestFolder

    init() throws { folder = try StorageDirectoryTestFolder() }

    @Test func aCopyIsMadeWithItsFolders() throws {
        let bytes = randomBytes(3 << 20 | 17)
        let seen = Monitor([UInt64]())
        let copied = try folder.directory().store(folder.source(bytes), "builds/Größe +%/My Game.zip") { count in
            seen.withLock { $0.append(count) }
        }
        #expect(!copied.wasThere && copied.bytes == UInt64(bytes.count))
        #expect(copied.path == "\(folder.site)/builds/Größe +%/My Game.zip")
        #expect(try folder.names() == ["builds/", "builds/Größe +%/", "builds/Größe +%/My Game.zip"])
        #expect(try folder.bytes("site/builds/Größe +%/My Game.zip") == bytes)
        let mask = umask(0)
        umask(mask)
        #expect(try folder.status("site/builds/Größe +%/My Game.zip").st_mode & 0o777 == 0o666 & ~mask)
        seen.withLock { #expect($0 == $0.sorted() && $0.last == UInt64(bytes.count)) }
        #expect(try folder.openDescriptors() == 0)
    }

    @Test func anEmptyFileAndTheLongestNameAreNothingSpecial() throws {
        let name = String(repeating: "ä", count: 125) + ".zip!"
        try #require(name.utf8.count == 255)
        try folder.directory().store(folder.source([]), name)
        #expect(try folder.names() == [name])
        #expect(try folder.directory().store(folder.source([]), name).wasThere)
    }

    @Test func theSameIsNotCopiedAgain() throws {
        let bytes = randomBytes(1 << 20 | 1)
        try folder.directory().store(folder.source(bytes), "a.zip")
        let before = try folder.status("site/a.zip")
        let again = try folder.directory().store(folder.source(bytes), "a.zip") { _ in Issue.record("it was copied") }
        #expect(again.wasThere && again.bytes == 0 && again.path == "\(folder.site)/a.zip")
        #expect(try folder.status("site/a.zip").st_ino == before.st_ino)
        let sent = try folder.directory().store(folder.source(bytes), "a.zip", alwaysSend: true)
        #expect(!sent.wasThere && sent.bytes == UInt64(bytes.count))
        #expect(try folder.status("site/a.zip").st_ino != before.st_ino)
        #expect(try folder.names() == ["a.zip"])
    }

    @Test(arguments: [0, 1 << 20, (2 << 20) - 1]) func oneByteIsADifference(at position: Int) throws {
        var bytes = randomBytes(2 << 20)
        try folder.directory().store(folder.source(bytes), "a.zip")
        bytes[position] ^= 1
        #expect(try !folder.directory().store(folder.source(bytes), "a.zip").wasThere)
        #expect(try folder.bytes("site/a.zip") == bytes)
        bytes.removeLast()
        #expect(try !folder.directory().store(folder.source(bytes), "a.zip").wasThere)
        #expect(try folder.bytes("site/a.zip") == bytes)
    }

    /// Copying it over itself would replace the very file that is to be stored.
    @Test(arguments: [false, true]) func theFileItselfIsThere(alwaysSend: Bool) throws {
        let path = try folder.write("site/a.zip", [1, 2, 3])
        try #require(link(path, "\(folder.site)/b.zip") == 0)
        let before = try folder.status("site/a.zip")
        for key in ["a.zip", "b.zip"] {
            let copied = try folder.directory().store(SourceFile(path), key, alwaysSend: alwaysSend)
            #expect(copied.wasThere && copied.bytes == 0)
        }
        let after = try folder.status("site/a.zip")
        #expect(after.st_ino == before.st_ino && after.st_nlink == 2)
        #expect(try folder.names() == ["a.zip", "b.zip"])
    }

    @Test func whoeverReadsTheOldOneGoesOnWithIt() throws {
        try folder.directory().store(folder.source([1, 2, 3]), "a.zip")
        let reader = open("\(folder.site)/a.zip", O_RDONLY | O_CLOEXEC)
        defer { close(reader) }
        try folder.directory().store(folder.source([4, 5, 6]), "a.zip")
        var bytes = [UInt8](repeating: 0, count: 8)
        #expect(read(reader, &bytes, bytes.count) == 3 && bytes.prefix(3) == [1, 2, 3])
        #expect(try folder.bytes("site/a.zip") == [4, 5, 6])
    }

    /// At any time there is the old one or the new one under the name, whole.
    @Test func manyMayStoreTheSameKey() async throws {
        let site = folder.site
        let sources = try (0..<8).map { try folder.source(randomBytes(300_000, seed: UInt64($0)), "\($0).zip") }
        let contents = try (0..<8).map { try folder.bytes("\($0).zip") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, source) in sources.enumerated() {
                group.addTask {
                    try StorageDirectory(site).store(source, "deep/er/a.zip")
                    try StorageDirectory(site).store(source, "deep/er/\(number).zip")
                }
            }
            try await group.waitForAll()
        }
        #expect(contents.contains(try folder.bytes("site/deep/er/a.zip")))
        for number in 0..<8 { #expect(try folder.bytes("site/deep/er/\(number).zip") == contents[number]) }
        #expect(try folder.names() == ["deep/", "deep/er/"] + (0..<8).map { "deep/er/\($0).zip" } + ["deep/er/a.zip"])
    }

    /// One that fails takes the folders along that it has made, and others are in them just then.
    @Test func oneThatFailsDoesNotTakeTheFolderFromOthers() async throws {
        let site = folder.site
        let source = try folder.source(randomBytes(100_000))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask {
                    let storage = try StorageDirectory(site)
                    if number % 2 == 0 {
                        #expect(throws: CancellationError.self) {
                            try storage.store(source, "\(number / 10)/b/fails.zip", isCancelled: { true })
                        }
                    } else {
                        try storage.store(source, "\(number / 10)/b/\(number).zip")
                    }
                }
            }
            try await group.waitForAll()
        }
        let files = try folder.names().filter { !$0.hasSuffix("/") }
        #expect(files.count == 50 && !files.contains { $0.hasSuffix("fails.zip") || $0.hasSuffix(".slipway") })
    }

    @Test func aFileIsDeleted() throws {
        let storage = try folder.directory()
        try storage.store(folder.source([1]), "a/b.zip")
        try storage.delete(S3Key(existing: "a/b.zip"))
        #expect(try folder.names() == ["a/"])
        for key in ["a/b.zip", "a/b.zip/c", "not/there", "x"] { try storage.delete(S3Key(existing: key)) }
        try folder.write("site/file", [])
        try storage.delete(S3Key(existing: "file/below.zip"))
        #expect(throws: Failure.self) { try storage.delete(S3Key(existing: "a")) }
        try #require(symlink("file", "\(folder.site)/link") == 0)
        #expect(throws: Failure.self) { try storage.delete(S3Key(existing: "link")) }
        #expect(try folder.names() == ["a/", "file", "link"])
        #expect(try folder.openDescriptors() == 0)
    }

    @Test func theRootMayBeALink() throws {
        try #require(symlink("site", "\(folder.path)/current") == 0)
        let storage = try StorageDirectory("\(folder.path)/current//")
        #expect(storage.root == "\(folder.path)/current")
        #expect(try storage.store(folder.source([1]), "a.zip").path == "\(folder.path)/current/a.zip")
        #expect(try folder.names() == ["a.zip"])
        #expect(try StorageDirectory("/").path(of: S3Key("a/b.zip")) == "/a/b.zip")
    }
}
