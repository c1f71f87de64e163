import Glibc
import Testing

@testable import Slipway

/// Archives beyond the old format's numbers. The large ones are sparse files.
@Suite struct PackageZip64Tests {
    private func read(_ archive: PackageArchive) throws -> Package {
        let file = try PackageTestFile(archive)
        return try Package.read(file.path)
    }

    @Test func smallOnesAreRead() throws {
        var archive = PackageArchive.good
        archive.isZip64 = true
        #expect(try read(archive).isZip64)
        archive.extensible = [1, 2, 3]
        archive.comment = Array("a comment".utf8)
        #expect(try read(archive).entries == 3)
        // Numbers of an entry alone make it one, too.
        let entry = try read(PackageArchive([.init("Game.exe") { $0.isZip64 = true }]))
        #expect(entry.isZip64 && entry.executable == "Game.exe")
    }

    /// The zip64 field may stand behind others, and short padding behind it.
    @Test func theFieldIsFoundAmongOthers() throws {
        let archive = PackageArchive([
            .init("Game.exe") {
                $0.isZip64 = true
                $0.content = Array("MZ".utf8)
                $0.extra = [0x55, 0x54, 5, 0, 1, 2, 3, 4, 5]
            }, .init("Engine/a.pak") { $0.extra = [0xFE, 0xCA, 0, 0, 0, 0, 0] },
        ])
        let package = try read(archive)
        #expect(package.uncompressedSize == 2 && package.findings.isEmpty)
    }

    @Test(arguments: [5_000_000_000, 24_000_000_000 - 1_000] as [UInt64]) func largeOnesAreRead(hole: UInt64) throws {
        var archive = PackageArchive([
            .init("Windows/Engine/large.pak") {
                $0.hole = hole
                $0.isZip64 = true
            }, .init("Windows/Game.exe") { $0.isZip64 = true },
        ])
        archive.isZip64 = true
        let package = try read(archive)
        #expect(package.size > hole && package.uncompressedSize == hole && package.isZip64)
        #expect(package.executable == "Windows/Game.exe" && package.findings.isEmpty)
    }

    @Test func from24GBOnThereIsAWarning() throws {
        var archive = PackageArchive([
            .init("Windows/Engine/large.pak") {
                $0.hole = 24_000_000_000
                $0.isZip64 = true
            }, .init("Windows/Game.exe") { $0.isZip64 = true },
        ])
        archive.isZip64 = true
        let package = try read(archive)
        #expect(package.findings.map(\.code) == [.tooLarge] && package.findings.map(\.severity) == [.warning])
        #expect(package.findings.first?.message.contains("24.1 GB") == true)
    }

    /// Some tools write the old format's numbers all the same, from 0 again.
    @Test func toolsWithoutZip64AreNamed() throws {
        let archive = PackageArchive([.init("Game.exe"), .init("large.pak") { $0.hole = 9_000_000_000 }])
        let file = try PackageTestFile(archive)
        let failure = try #require(throws: Failure.self) { try Package.read(file.path) }
        #expect(failure.message.contains("has no zip64 records") && failure.hint.contains("7-Zip"))
    }

    @Test(arguments: [(65_536, false, false), (65_540, true, true)])
    func countsBeyond65535NeedIt(count: Int, isZip64: Bool, isReadable: Bool) throws {
        // Equal entries cost the test no time: only the first one is written by the writer.
        var archive = PackageArchive("E/a")
        archive.isZip64 = isZip64
        let (bytes, layout) = (archive.bytes, archive.layout)
        let (local, entry) = (bytes[..<Int(layout.directory)], bytes[Int(layout.entries[0])..<Int(layout.zip64End)])
        var many: [UInt8] = []
        many.reserveCapacity(count * (local.count + entry.count))
        for _ in 0..<count { many += local }
        for _ in 0..<count { many += entry }
        var end = Array(bytes[Int(layout.zip64End)...])
        let (size, offset) = (UInt64(count * entry.count), UInt64(count * local.count))
        if isZip64 {
            end.replaceSubrange(24..<56, with: [UInt64(count), UInt64(count), size, offset].flatMap { PackageArchive.little($0, 8) })
            end.replaceSubrange(64..<72, with: PackageArchive.little(UInt64(many.count), 8))
        } else {
            let numbers = [(UInt64(count), 2), (UInt64(count), 2), (size, 4), (offset, 4)]
            end.replaceSubrange(8..<20, with: numbers.flatMap { PackageArchive.little($0.0, $0.1) })
        }
        let file = try PackageTestFile(many + end)
        if isReadable {
            #expect(try Package.read(file.path).entries == count)
        } else {
            let failure = try #require(throws: Failure.self) { try Package.read(file.path) }
            #expect(failure.message.contains("has no zip64 records"))
        }
    }

    /// A table of contents of 130 MB: it is read in pieces, and entries lie across their borders.
    @Test func longTablesOfContentsAreRead() throws {
        let file = try PackageTestFile()
        let archive = PackageArchive([
            .init("Game.exe") { $0.comment = [UInt8](repeating: 0, count: 65_535) }
        ])
        let (bytes, layout) = (archive.bytes, archive.layout)
        let header = Array(bytes[Int(layout.directory)..<Int(layout.directory) + 46 + 8])
        let (count, length) = (2_000, header.count + 65_535)
        let (offset, size) = (UInt64(count * 38), UInt64(count * length))
        var end = Array(bytes[Int(layout.end)...])
        let numbers = [(UInt64(count), 2), (UInt64(count), 2), (size, 4), (offset, 4)]
        end.replaceSubrange(8..<20, with: numbers.flatMap { PackageArchive.little($0.0, $0.1) })
        try file.write(ZipSignature.localHeader, at: 0)
        for index in 0..<count { try file.write(header, at: offset + UInt64(index * length)) }
        try file.write(end, at: offset + size)
        let package = try Package.read(file.path)
        #expect(package.entries == 2_000 && package.executable == "Game.exe")
    }

    @Test func commentsOfEveryLengthAreRead() throws {
        for count in [1, 21, 22, 23, 65_534, 65_535] {
            for isZip64 in [false, true] {
                var archive = PackageArchive.good
                archive.isZip64 = isZip64
                archive.comment = [UInt8](repeating: 0x50, count: count)
                #expect(try read(archive).entries == 3)
            }
        }
    }

    /// A comment that holds an end record: the last one that ends where the file does counts.
    @Test func anEndRecordInAnEntryIsNotTheEnd() throws {
        var archive = PackageArchive.good
        archive.entries[2].comment = PackageArchive().bytes
        #expect(try read(archive).entries == 3)
        archive.comment = ZipSignature.end + [1, 2, 3]
        #expect(try read(archive).entries == 3)
    }

    @Test func whatStandsBehindTheTableOfContentsIsPassedOver() throws {
        var archive = PackageArchive.good
        archive.signature = ZipSignature.digitalSignature + [3, 0, 7, 7, 7]
        #expect(try read(archive).entries == 3)
        archive.signature = ZipSignature.digitalSignature + [4, 0, 7, 7, 7]
        #expect(throws: Failure.self) { try read(archive) }
    }
}
