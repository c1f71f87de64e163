import Glibc
import Testing

@testable import Slipway

/// Writes archives for the tests of packages, wrong ones included. Nothing is compressed.
struct PackageArchive {
    struct Entry {
        var name: [UInt8]
        var content: [UInt8] = []
        /// What a sparse file has in the place of content: it is not written, but counted.
        var hole: UInt64 = 0
        var madeBy: UInt16 = 20
        var flags: UInt16 = 0
        var attributes: UInt32 = 0
        var disk: UInt16 = 0
        /// In front of the zip64 field.
        var extra: [UInt8] = []
        var comment: [UInt8] = []
        /// Sizes and offset are in a zip64 field, as they must be from 4 GB.
        var isZip64 = false

        init(_ name: String, _ change: (inout Entry) -> Void = { _ in }) {
            self.name = Array(name.utf8)
            change(&self)
        }

        var size: UInt64 { UInt64(content.count) + hole }
    }

    var entries: [Entry]
    /// In front of everything, and not counted in any offset.
    var prefix: [UInt8] = []
    /// Behind the table of contents, and counted in its size.
    var signature: [UInt8] = []
    /// Between the table of contents and the end records.
    var gap: [UInt8] = []
    var isZip64 = false
    /// Behind the usual content of the zip64 end record.
    var extensible: [UInt8] = []
    var comment: [UInt8] = []

    init(_ entries: [Entry]) { self.entries = entries }

    /// Of files without content.
    init(_ names: String...) { entries = names.map { Entry($0) } }

    /// What the service takes.
    static let good = PackageArchive("Windows/Game.exe", "Windows/Engine/a.dll", "Windows/Game/Content/Paks/Game.pak")

    /// Where things are in the file.
    struct Layout {
        var directory: UInt64 = 0
        /// Of each entry of the table of contents.
        var entries: [UInt64] = []
        var zip64End: UInt64 = 0
        var locator: UInt64 = 0
        var end: UInt64 = 0
        var size: UInt64 = 0
    }

    /// The bytes of the file: those in between are zero.
    func pieces() -> (pieces: [(at: UInt64, bytes: [UInt8])], layout: Layout) {
        var pieces: [(at: UInt64, bytes: [UInt8])] = []
        var layout = Layout()
        var at: UInt64 = 0
        func add(_ bytes: [UInt8], hole: UInt64 = 0) {
            pieces.append((at, bytes))
            at += UInt64(bytes.count) + hole
        }
        add(prefix)
        let start = at
        var offsets: [UInt64] = []
        for entry in entries {
            offsets.append(at - start)
            let wide = entry.isZip64 ? Self.fields((1, 2), (16, 2), (entry.size, 8), (entry.size, 8)) : []
            add(ZipSignature.localHeader)
            add(Self.fields((entry.isZip64 ? 45 : 20, 2)))
            add(Self.shared(entry, extra: wide.count))
            add(entry.name + wide + entry.content, hole: entry.hole)
        }
        layout.directory = at
        for (entry, offset) in zip(entries, offsets) {
            layout.entries.append(at)
            let wide = entry.isZip64 ? Self.fields((1, 2), (24, 2), (entry.size, 8), (entry.size, 8), (offset, 8)) : []
            add(ZipSignature.entry)
            add(Self.fields((UInt64(entry.madeBy), 2), (entry.isZip64 ? 45 : 20, 2)))
            add(Self.shared(entry, extra: entry.extra.count + wide.count))
            add(Self.fields((UInt64(entry.comment.count), 2), (UInt64(entry.disk), 2), (0, 2), (UInt64(entry.attributes), 4)))
            add(Self.fields((entry.isZip64 ? .max : offset, 4)))
            add(entry.name + entry.extra + wide + entry.comment)
        }
        add(signature)
        let size = at - layout.directory
        let (count, offset) = (UInt64(entries.count), layout.directory - start)
        add(gap)
        layout.zip64End = at
        if isZip64 {
            add(ZipSignature.zip64End)
            add(Self.fields((44 + UInt64(extensible.count), 8), (45, 2), (45, 2), (0, 8), (count, 8), (count, 8), (size, 8), (offset, 8)))
            add(extensible)
            layout.locator = at
            add(ZipSignature.zip64Locator)
            add(Self.fields((0, 4), (layout.zip64End - start, 8), (1, 4)))
        }
        layout.end = at
        add(ZipSignature.end)
        let numbers = isZip64 ? (.max, .max, .max) : (count, size, offset)
        add(Self.fields((0, 4), (numbers.0, 2), (numbers.0, 2), (numbers.1, 4), (numbers.2, 4), (UInt64(comment.count), 2)))
        add(comment)
        layout.size = at
        return (pieces, layout)
    }

    /// What the two headers of an entry have in common: from the flags to the length of the extra fields.
    private static func shared(_ entry: Entry, extra: Int) -> [UInt8] {
        let size = entry.isZip64 ? .max : entry.size
        // Stored, on the second of January 2025 at 03:04:06.
        return fields((UInt64(entry.flags), 2), (0, 2), (0x5A22_1883, 4))
            + fields((UInt64(checksum(entry.content)), 4), (size, 4), (size, 4), (UInt64(entry.name.count), 2), (UInt64(extra), 2))
    }

    /// Numbers and how many bytes each one has.
    static func fields(_ numbers: (UInt64, Int)...) -> [UInt8] { numbers.flatMap { little($0.0, $0.1) } }

    /// The lowest bytes of a number, so that one too large for its field begins again from 0.
    static func little(_ number: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 0 ? sum >> 1 : (sum >> 1) ^ 0xEDB8_8320 }
        }
        return ~sum
    }

    /// All of it; for archives without holes.
    var bytes: [UInt8] { pieces().pieces.flatMap(\.bytes) }

    var layout: Layout { pieces().layout }
}

/// A file of a test's own, which goes with it.
final class PackageTestFile {
    let path: String
    private let folder: String
    private let descriptor: Int32

    init(_ name: String = "Game.zip") throws {
        var template = Array("/tmp/slipway-package-XXXXXX".utf8CString)
        folder = String(cString: try #require(mkdtemp(&template)))
        path = "\(folder)/\(name)"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
    }

    convenience init(_ bytes: [UInt8]) throws {
        try self.init()
        try write(bytes)
    }

    convenience init(_ archive: PackageArchive) throws {
        try self.init()
        let (pieces, layout) = archive.pieces()
        try #require(ftruncate(descriptor, off_t(layout.size)) == 0)
        for piece in pieces { try write(piece.bytes, at: piece.at) }
    }

    deinit {
        close(descriptor)
        unlink(path)
        rmdir(folder)
    }

    /// These bytes and no others.
    func write(_ bytes: [UInt8]) throws {
        try #require(ftruncate(descriptor, off_t(bytes.count)) == 0)
        try write(bytes, at: 0)
    }

    func write(_ bytes: [UInt8], at offset: UInt64) throws {
        try #require(pwrite(descriptor, bytes, bytes.count, off_t(offset)) == bytes.count)
    }

    func cut(to size: Int) throws { try #require(ftruncate(descriptor, off_t(size)) == 0) }

    /// Of the last change, in nanoseconds past its second.
    func setTime(seconds: Int, nanoseconds: Int) throws {
        let time = timespec(tv_sec: seconds, tv_nsec: nanoseconds)
        try #require(futimens(descriptor, [time, time]) == 0)
    }

    /// Puts another file of the same content in its place.
    func replace() throws {
        let other = "\(folder)/other"
        let copy = open(other, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(copy) }
        var status = stat()
        try #require(fstat(descriptor, &status) == 0)
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        try #require(pread(descriptor, &bytes, bytes.count, 0) == bytes.count)
        try #require(Glibc.write(copy, bytes, bytes.count) == bytes.count)
        try #require(futimens(copy, [status.st_mtim, status.st_mtim]) == 0)
        try #require(rename(other, path) == 0)
    }
}

/// The writer itself: a reader and a writer that err alike would find nothing.
@Suite struct PackageArchiveTests {
    /// As Python's zipfile writes it.
    @Test func itWritesWhatOthersWrite() {
        let hex =
            "504b03041400000000008318225a5d9bb08f02000000020000000800000047616d652e6578654d5a504b03041400000000008318225a00000000000000000000"
            + "000008000000456e67696e652f61504b010214001400000000008318225a5d9bb08f020000000200000008000000000000000000000080010000000047616d65"
            + "2e657865504b010214001400000000008318225a000000000000000000000000080000000000000000000000800128000000456e67696e652f61504b05060000"
            + "0000020002006c0000004e0000000000"
        let attributes: UInt32 = 0x0180_0000
        let archive = PackageArchive([
            .init("Game.exe") {
                $0.content = Array("MZ".utf8)
                $0.attributes = attributes
            }, .init("Engine/a") { $0.attributes = attributes },
        ])
        #expect(archive.bytes.map { String($0 >> 4, radix: 16) + String($0 & 0xF, radix: 16) }.joined() == hex)
    }

    @Test func theLayoutIsWhereTheRecordsAre() {
        var archive = PackageArchive([.init("a.exe") { $0.isZip64 = true }, .init("b")])
        archive.isZip64 = true
        archive.comment = [1, 2, 3]
        let (bytes, layout) = (archive.bytes, archive.layout)
        func signature(_ at: UInt64) -> [UInt8] { Array(bytes[Int(at)..<Int(at) + 4]) }
        #expect(layout.entries.count == 2 && layout.directory == layout.entries[0])
        for entry in layout.entries { #expect(signature(entry) == ZipSignature.entry) }
        #expect(signature(layout.zip64End) == ZipSignature.zip64End && signature(layout.locator) == ZipSignature.zip64Locator)
        #expect(signature(layout.end) == ZipSignature.end && layout.size == UInt64(bytes.count))
    }
}
