import Glibc
import SlipwayHTTP
import Testing

@testable import Slipway

/// The end of a file that a hosted copy is compared with, and whether the file is still the one that was read.
@Suite struct PackageTailTests {
    @Test func itIsTheTableOfContentsAndWhatFollows() throws {
        for isZip64 in [false, true] {
            var archive = PackageArchive.good
            archive.isZip64 = isZip64
            archive.entries[0].content = [UInt8](repeating: 1, count: 5_000)
            archive.comment = Array("comment".utf8)
            let file = try PackageTestFile(archive)
            #expect(try Package.read(file.path).tail() == Array(archive.bytes[Int(archive.layout.directory)...]))
        }
    }

    @Test func itIsAMebibyteAtTheMost() throws {
        var archive = PackageArchive.good
        archive.entries += (0..<20).map { index in .init("\(index)") { $0.comment = [UInt8](repeating: UInt8(index), count: 60_000) } }
        let bytes = archive.bytes
        try #require(bytes.count - Int(archive.layout.directory) > 1 << 20)
        let file = try PackageTestFile(bytes)
        #expect(try Package.read(file.path).tail() == Array(bytes.suffix(1 << 20)))
    }

    private func change(_ change: (PackageTestFile) throws -> Void) throws -> Failure {
        let file = try PackageTestFile(.good)
        try file.setTime(seconds: 1_700_000_000, nanoseconds: 5)
        let package = try Package.read(file.path)
        _ = try package.tail()
        try change(file)
        let failure = try #require(throws: Failure.self) { try package.tail() }
        #expect(failure.status == .file && failure.message.hasPrefix(file.path) && !failure.hint.isEmpty)
        return failure
    }

    @Test func anotherFileIsSeen() throws {
        let changed = "has changed while it was being released"
        #expect(try change { try $0.setTime(seconds: 1_700_000_000, nanoseconds: 6) }.message.contains(changed))
        #expect(try change { try $0.setTime(seconds: 1_700_000_001, nanoseconds: 5) }.message.contains(changed))
        #expect(try change { try $0.replace() }.message.contains(changed))
        #expect(
            try change { file in
                try file.write([0], at: PackageArchive.good.layout.size)
                try file.setTime(seconds: 1_700_000_000, nanoseconds: 5)
            }.message.contains(changed))
        #expect(
            try change { file in
                try file.cut(to: 10)
                try file.setTime(seconds: 1_700_000_000, nanoseconds: 5)
            }.message.contains(changed))
        #expect(try change { unlink($0.path) }.message.contains("No such file"))
    }

    /// What shrinks between two looks at it is not read beyond its end.
    @Test func aFileThatShrinksWhileItIsReadIsSeen() throws {
        let file = try PackageTestFile(.good)
        let open = try PackageFile(file.path)
        #expect(try open.bytes(0..<4) == ZipSignature.localHeader)
        try file.cut(to: 10)
        let failure = try #require(throws: Failure.self) { try open.bytes(0..<20) }
        #expect(failure.status == .file && failure.message.contains("became shorter"))
        let again = try #require(throws: Failure.self) { try open.checkUnchanged(from: open.source, "while it was being read", hint: "h") }
        #expect(again.message == "\(file.path) has changed while it was being read" && again.hint == "h")
        #expect(throws: Failure.self) { try open.bytes(0..<UInt64.max) }
        #expect(try open.begins(with: [0], at: .max) == false)
    }
}
