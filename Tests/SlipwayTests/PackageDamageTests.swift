import Glibc
import Testing

@testable import Slipway

/// Whatever a file holds, it is read or refused: a trap would end the host.
@Suite struct PackageDamageTests {
    private static let archives: [PackageArchive] = {
        var plain = PackageArchive.good
        plain.entries[0].content = Array("MZ".utf8)
        plain.entries[1].extra = [0x55, 0x54, 1, 0, 7]
        plain.comment = Array("comment".utf8)
        var zip64 = plain
        zip64.isZip64 = true
        zip64.entries[2].isZip64 = true
        return [plain, zip64]
    }()

    /// The package, or nil when it is refused as it should be.
    private static func read(_ file: PackageTestFile) -> Package? {
        do throws(Failure) {
            let package = try Package.read(file.path)
            if !isPossible(package) { Issue.record("\(package)") }
            return package
        } catch {
            if error.status != .file || error.message.isEmpty || error.hint.isEmpty { Issue.record("\(error)") }
            return nil
        }
    }

    private static func isPossible(_ package: Package) -> Bool {
        let codes = package.findings.map(\.code)
        return package.entries > 0 && package.entries <= package.size / 76 && Set(codes).count == codes.count
            && (package.executable == nil) == codes.contains(.noExecutable) && package.executable?.isEmpty != true
    }

    @Test(arguments: archives.indices) func whatIsCutOffIsRefused(index: Int) throws {
        let bytes = Self.archives[index].bytes
        let file = try PackageTestFile(bytes)
        #expect(Self.read(file) != nil)
        for count in bytes.indices.reversed() {
            try file.cut(to: count)
            #expect(Self.read(file) == nil, "\(count) bytes")
        }
    }

    /// Each byte, with each of its bits turned, and as 0, 1, 254 and 255.
    @Test(arguments: archives.indices) func oneWrongByteIsSeenWhereItMatters(index: Int) throws {
        let archive = Self.archives[index]
        let (bytes, layout) = (archive.bytes, archive.layout)
        let matters = Self.decisiveBytes(archive)
        let file = try PackageTestFile(bytes)
        var unseen: [String] = []
        var (read, refused) = (0, 0)
        for at in bytes.indices {
            for byte in Set((0..<8).map { bytes[at] ^ 1 << $0 } + [0, 1, 254, 255]) where byte != bytes[at] {
                try file.write([byte], at: UInt64(at))
                if Self.read(file) == nil {
                    refused += 1
                } else {
                    read += 1
                    if matters.contains(at) { unseen.append("byte \(at) as \(byte)") }
                }
            }
            try file.write([bytes[at]], at: UInt64(at))
        }
        #expect(unseen.isEmpty && read > 100 && refused > 100, "\(unseen), \(layout)")
    }

    /// Bytes of which none may be wrong: signatures, counts, lengths and places.
    private static func decisiveBytes(_ archive: PackageArchive) -> Set<Int> {
        let layout = archive.layout
        var bytes = Set(0..<4)
        for entry in layout.entries.map({ Int($0) }) { bytes.formUnion(Array(entry..<entry + 4) + Array(entry + 28..<entry + 36)) }
        let end = Int(layout.end)
        bytes.formUnion(end..<end + 22)
        if archive.isZip64 {
            let (record, locator) = (Int(layout.zip64End), Int(layout.locator))
            // Without the versions, and without the number of parts, which may be 0 as well.
            bytes.formUnion(Array(record..<record + 12) + Array(record + 16..<record + 56) + Array(locator..<locator + 16))
            // The numbers of the old format, which may be the real ones as well as full: only both together are wrong.
            bytes.subtract(end + 4..<end + 8)
        }
        return bytes
    }

    /// Several wrong bytes, missing and doubled pieces, and fields with the numbers that hurt. `SLIPWAY_PACKAGE_ROUNDS` has it look longer.
    @Test(arguments: 1...4 as ClosedRange<UInt64>) func damagedArchivesAreReadOrRefused(seed: UInt64) throws {
        let rounds = getenv("SLIPWAY_PACKAGE_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 2_500
        var generator = SeededGenerator(seed: seed)
        let whole = Self.archives.map { ($0.bytes, $0.layout) }
        let file = try PackageTestFile()
        var (read, refused) = (0, 0)
        for _ in 0..<rounds {
            var (bytes, layout) = whole[Int.random(in: 0..<whole.count, using: &generator)]
            for _ in 0..<Int.random(in: 1...4, using: &generator) { Self.damage(&bytes, layout, &generator) }
            try file.write(bytes)
            if Self.read(file) == nil { refused += 1 } else { read += 1 }
        }
        #expect(read > rounds / 100 && refused > rounds / 10, "\(read) were read, \(refused) refused")
    }

    /// Ends of ranges, and lengths of records.
    private static let numbersThatHurt: [UInt64] = [
        0, 1, 22, 46, 0x7F, 0xFF, 0x7FFF, 0xFFFE, 0xFFFF, 0x8000_0000, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000,
        .max - 55, .max,
    ]

    private static func damage(_ bytes: inout [UInt8], _ layout: PackageArchive.Layout, _ generator: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let at = Int.random(in: 0..<bytes.count, using: &generator)
        let piece = at..<min(bytes.count, at + Int.random(in: 0...60, using: &generator))
        switch Int.random(in: 0...7, using: &generator) {
        case 0: bytes[at] = UInt8.random(in: .min ... .max, using: &generator)
        case 1: bytes[at] ^= 1 << UInt8.random(in: 0...7, using: &generator)
        case 2: bytes.removeSubrange(piece)
        case 3: bytes.insert(contentsOf: bytes[piece], at: Int.random(in: 0...bytes.count, using: &generator))
        case 4: bytes.removeLast(min(bytes.count, Int.random(in: 0...40, using: &generator)))
        default:
            // A field of the table of contents or of the records behind it.
            let start = Int((layout.entries + [layout.zip64End, layout.locator, layout.end]).randomElement(using: &generator) ?? 0)
            let width = [1, 2, 4, 8].randomElement(using: &generator) ?? 1
            let field = start + Int.random(in: 0...60, using: &generator)
            guard field + width <= bytes.count else { return }
            let numbers = numbersThatHurt + [UInt64(bytes.count)]
            let number = numbers.randomElement(using: &generator) ?? 0
            bytes.replaceSubrange(
                field..<field + width, with: PackageArchive.little(number &- UInt64.random(in: 0...2, using: &generator), width))
        }
    }
}
