import Glibc
import SlipwayHTTP
import Testing

@testable import Slipway

/// What is refused, and in which words.
@Suite struct PackageFailureTests {
    private func failure(_ path: String?, _ status: Status = .file) throws -> Failure {
        let failure = try #require(throws: Failure.self) { try Package.read(path) }
        #expect(failure.status == status && !failure.isRetriable && !failure.hint.isEmpty)
        if status == .file { #expect(failure.message.hasPrefix(path ?? "?") && !failure.message.hasSuffix(".")) }
        return failure
    }

    private func failure(_ bytes: [UInt8]) throws -> String {
        let file = try PackageTestFile(bytes)
        return try failure(file.path).message
    }

    private func failure(_ archive: PackageArchive, _ change: (inout [UInt8], PackageArchive.Layout) -> Void = { _, _ in }) throws -> String
    {
        var bytes = archive.bytes
        change(&bytes, archive.layout)
        return try failure(bytes)
    }

    @Test(arguments: [nil, ""] as [String?])
    func aMissingPathIsCalledMissing(path: String?) throws {
        #expect(try failure(path, .invalidArgument).message == "file_path is missing")
    }

    @Test func whatIsNotThereIsSaid() throws {
        #expect(try failure("/tmp/slipway-there-is-no-such.zip").message.contains("No such file"))
        #expect(try failure("/dev/null/a.zip").message.contains("Not a directory"))
        #expect(try failure(String(repeating: "a", count: 300)).message.contains("too long"))
    }

    /// None of them blocks, or is read from.
    @Test(.timeLimit(.minutes(1))) func onlyFilesAreRead() throws {
        let file = try PackageTestFile(.good)
        let folder = String(file.path.dropLast("Game.zip".count))
        #expect(try failure(folder).message.contains("is a folder"))
        #expect(try failure("/dev/null").message.contains("is a device"))
        let pipe = folder + "pipe"
        try #require(mkfifo(pipe, 0o600) == 0)
        defer { unlink(pipe) }
        #expect(try failure(pipe).message.contains("is a pipe"))
        let name = folder + "socket"
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name.utf8) }
        let bound = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        try #require(bound == 0)
        defer { unlink(name) }
        #expect(try failure(name).message.contains("is a socket"))
    }

    /// Root may read everything, so it looks as somebody else: of its threads only this one does, and only at files.
    @Test func whatMayNotBeReadIsSaid() throws {
        let file = try PackageTestFile(.good)
        try #require(chmod(file.path, 0) == 0)
        typealias SetUser = @convention(c) (uid_t) -> Int32
        let setUser = unsafeBitCast(try #require(dlsym(nil, "setfsuid")), to: SetUser.self)
        if geteuid() == 0 { _ = setUser(65_534) }
        defer { _ = setUser(geteuid()) }
        #expect(try failure(file.path).message.contains("Permission denied"))
    }

    @Test(
        arguments: [
            ([], "is empty"), ([0x50], "does not begin as one"), ([0x50, 0x4B, 0x03], "does not begin as one"),
            (Array("<!DOCTYPE html>".utf8), "is a web page"), ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "is a .7z"),
            (Array("Rar!\u{1A}".utf8), "is a .rar"), (Array("MZ\u{0}\u{0}".utf8), "is a program"),
            (Array("some text".utf8), "does not begin as one"), ([0x50, 0x4B, 0x07, 0x08, 0x50, 0x4B, 0x03, 0x04], "split"),
            ([0x50, 0x4B, 0x30, 0x30, 0x50, 0x4B, 0x03, 0x04], "split"), ([0x50, 0x4B, 0x05, 0x06], "without files"),
            ([0x50, 0x4B, 0x03, 0x04], "its end is missing"),
        ] as [([UInt8], String)])
    func otherBeginningsAreNamed(bytes: [UInt8], part: String) throws {
        let message = try failure(bytes)
        #expect(message.contains(part), "\(message)")
    }

    @Test func anArchiveWithoutFilesIsRefused() throws {
        #expect(try failure(PackageArchive()).contains("without files"))
        var archive = PackageArchive()
        archive.prefix = ZipSignature.localHeader
        #expect(try failure(archive).contains("without files"))
        archive.isZip64 = true
        archive.prefix = []
        #expect(!(try failure(archive).isEmpty))
    }

    @Test func bytesBehindTheEndAreRefused() throws {
        #expect(try failure(PackageArchive.good.bytes + [0]).contains("with 1 byte that does not belong"))
        #expect(try failure(PackageArchive.good.bytes + [UInt8](repeating: 0, count: 70_000)).contains("its end is missing"))
    }

    /// As in a self-extracting archive, or when one archive was appended to another.
    @Test(arguments: [false, true]) func bytesOfOthersAreRefused(isZip64: Bool) throws {
        var archive = PackageArchive.good
        archive.isZip64 = isZip64
        archive.prefix = PackageArchive.good.bytes
        #expect(try failure(archive).contains("\(archive.prefix.count) bytes that do not belong"))
        archive.prefix = Array("#!/bin/sh\n".utf8)
        #expect(try failure(archive).contains("does not begin as one"))
        archive.prefix = []
        archive.gap = [1, 2, 3, 4]
        #expect(try failure(archive).contains("4 bytes that do not belong"))
    }

    /// The last part of a split archive has its end, but not its beginning.
    @Test func theLastPartIsNamed() throws {
        var archive = PackageArchive.good
        archive.prefix = [1, 2, 3, 4]
        #expect(try failure(archive) { bytes, layout in bytes[Int(layout.end) + 4] = 2 }.contains("one part of a split .zip"))
    }

    @Test(arguments: [false, true]) func bytesMissingInTheMiddleAreRefused(isZip64: Bool) throws {
        var archive = PackageArchive.good
        archive.isZip64 = isZip64
        #expect(try failure(archive) { bytes, _ in bytes.removeSubrange(20..<30) }.contains("a part is missing"))
    }

    /// The numbers of the end record, by their place in it.
    @Test(arguments: [
        (4, 1, "split"), (6, 1, "split"), (8, 2, "split"), (12, 0xFF, "behind its end"), (12, 0, "too short"), (16, 0xFF, "behind its end"),
        (16, 0, "bytes that do not belong"),
    ])
    func theEndRecordMustBePossible(at: Int, byte: UInt8, part: String) throws {
        let message = try failure(.good) { bytes, layout in bytes[Int(layout.end) + at] = byte }
        #expect(message.contains(part), "\(message)")
    }

    @Test func theCountMustMatch() throws {
        func announce(_ count: UInt64) throws -> String {
            try failure(.good) { bytes, layout in
                for at in [8, 10] {
                    bytes.replaceSubrange(Int(layout.end) + at..<Int(layout.end) + at + 2, with: PackageArchive.little(count, 2))
                }
            }
        }
        #expect(try announce(2).contains("has 3 entries, not the 2"))
        #expect(try announce(0).contains("has 3 entries, not the 0"))
        #expect(try announce(4).contains("has 3 entries, not the 4"))
        #expect(try announce(900).contains("too short"))
    }

    /// The numbers of the zip64 records, by their place in them.
    @Test(arguments: [
        (0, 4, 45, "wrong length"), (0, 4, 1, "wrong length"), (0, 11, 0xFF, "wrong length"), (0, 16, 1, "contradict"),
        (0, 20, 1, "contradict"),
        (0, 24, 4, "split"), (0, 40, 0, "too short"), (0, 47, 0xFF, "behind its end"), (0, 55, 0xFF, "behind its end"),
        (0, 48, 1, "bytes that do not belong"), (0, 0, 0, "not where it should be"), (1, 4, 1, "split"), (1, 16, 2, "split"),
        (1, 8, 0, "bytes that do not belong"), (1, 15, 0xFF, "behind its end"), (2, 12, 0, "contradict"), (2, 16, 0, "contradict"),
    ])
    func theZip64RecordsMustBePossible(record: Int, at: Int, byte: UInt8, part: String) throws {
        var archive = PackageArchive.good
        archive.isZip64 = true
        let message = try failure(archive) { bytes, layout in
            bytes[Int([layout.zip64End, layout.locator, layout.end][record]) + at] = byte
        }
        #expect(message.contains(part), "\(message)")
    }

    @Test func theTableOfContentsMustBeThere() throws {
        let message = try failure(.good) { bytes, layout in bytes[Int(layout.directory)] = 0 }
        #expect(message.contains("entry 1 of its table of contents does not begin as one"), "\(message)")
    }

    /// The numbers of the second entry, by their place in it.
    @Test(arguments: [
        (0, 0, "entry 2 of its table of contents does not begin as one"),
        (20, 0xFF, "entry 2, Windows/Engine/a.dll, lies outside the file"),
        (45, 0x7F, "entry 2, Windows/Engine/a.dll, lies outside the file"),
        (34, 1, "entry 2, Windows/Engine/a.dll, is said to lie in another"),
        (29, 1, "entry 2 of its table of contents is cut off"), (33, 1, "entry 2 of its table of contents is cut off"),
        (28, 0, "entry 3 of its table of contents does not begin as one"), (30, 5, "entry 2, Windows/Engine/a.dll, has an extra field"),
    ])
    func entriesMustBePossible(at: Int, byte: UInt8, part: String) throws {
        let message = try failure(.good) { bytes, layout in bytes[Int(layout.entries[1]) + at] = byte }
        #expect(message.contains(part), "\(message)")
    }

    @Test(arguments: [20, 24, 42]) func fullNumbersNeedTheirZip64Field(at: Int) throws {
        let message = try failure(.good) { bytes, layout in
            bytes.replaceSubrange(Int(layout.entries[0]) + at..<Int(layout.entries[0]) + at + 4, with: [0xFF, 0xFF, 0xFF, 0xFF])
        }
        #expect(message.contains("entry 1, Windows/Game.exe, has no zip64 field"), "\(message)")
    }

    /// Many entries that give the same bytes: what makes a small archive unpack to a huge one.
    @Test func entriesMayNotOverlap() throws {
        let content = [UInt8](repeating: 0, count: 1_000)
        let archive = PackageArchive([.init("Game.exe") { $0.content = content }, .init("b") { $0.content = content }])
        let message = try failure(archive) { bytes, layout in
            // The first one's content grows over the second one.
            for at in [20, 24] {
                let at = Int(layout.entries[0]) + at
                bytes.replaceSubrange(at..<at + 4, with: PackageArchive.little(1_900, 4))
            }
        }
        #expect(message.contains("entry 2, b, overlaps another entry"), "\(message)")
    }

    @Test func namesInMessagesArePrintable() throws {
        let message = try failure(PackageArchive("a\n\u{202E}b")) { bytes, layout in bytes[Int(layout.entries[0]) + 34] = 1 }
        #expect(message.contains("entry 1, a\\u{A}\\u{202E}b, "), "\(message)")
    }
}
