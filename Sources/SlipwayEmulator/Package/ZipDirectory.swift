/// The central directory of a zip archive: what is in it, and that what it says about itself can be true.
///
/// It is read from the archive's last bytes, so that a build of many gigabytes need not be kept. No number in it is believed:
/// each offset and length is checked against the archive's real size before it is used, and nothing is allocated by count.
struct ZipDirectory {
    struct Entry: Equatable {
        /// As stored, separators as they are.
        let name: String
        let isEncrypted: Bool
        let isSymbolicLink: Bool
        /// 0 stored, 8 deflated.
        let method: UInt16
        let compressedSize: UInt64
        let size: UInt64
    }

    /// Why it is not a whole archive, for people.
    struct Corruption: Error, Equatable {
        let text: String

        init(_ text: String) { self.text = text }
    }

    let entries: [Entry]

    /// Reads the directory of an archive of `size` bytes of which `tail` are the last ones.
    init(tail: [UInt8], size: UInt64) throws(Corruption) {
        let reader = ByteReader(tail)
        guard let start = size.subtractingSafely(UInt64(tail.count)) else {
            throw Corruption("the archive is shorter than its end")
        }
        let end = try Self.end(reader, tailStart: start)
        let (directoryEnd, overflow) = end.offset.addingReportingOverflow(end.size)
        guard !overflow, directoryEnd <= end.limit else {
            throw Corruption("the central directory lies outside the archive")
        }
        guard let distance = end.offset.subtractingSafely(start), let first = Int(exactly: distance), let length = Int(exactly: end.size)
        else {
            throw Corruption("the central directory is too large to be read")
        }
        entries = try Self.entries(reader, from: first, length: length, count: end.count, dataEnd: end.offset)
    }

    /// What the end record says: where the directory is, and where it must have ended.
    private struct End {
        let count: UInt64
        let size: UInt64
        let offset: UInt64
        let limit: UInt64
    }

    private static func end(_ reader: ByteReader, tailStart: UInt64) throws(Corruption) -> End {
        let length = 22
        // A comment of up to 65,535 bytes may follow the record; a record counts only if its comment ends where the archive does.
        let newest = reader.bytes.count - length
        let oldest = max(0, newest - 65_535)
        guard newest >= 0,
            let at = (oldest...newest).reversed().first(where: { offset in
                reader.uint32(at: offset) == 0x0605_4b50
                    && reader.uint16(at: offset + 20).map { offset + length + Int($0) == reader.bytes.count } == true
            }),
            let disk = reader.uint16(at: at + 4), let directoryDisk = reader.uint16(at: at + 6),
            let countHere = reader.uint16(at: at + 8), let count = reader.uint16(at: at + 10),
            let size = reader.uint32(at: at + 12), let offset = reader.uint32(at: at + 16)
        else {
            throw Corruption("there is no end of central directory: the archive is cut off or is not a zip")
        }
        if count == .max || size == .max || offset == .max, reader.uint32(at: at - 20) == 0x0706_4b50 {
            return try end64(reader, locator: at - 20, tailStart: tailStart)
        }
        guard disk == 0, directoryDisk == 0, countHere == count else {
            throw Corruption("it is one part of a split archive")
        }
        return End(count: UInt64(count), size: UInt64(size), offset: UInt64(offset), limit: tailStart + UInt64(at))
    }

    private static func end64(_ reader: ByteReader, locator: Int, tailStart: UInt64) throws(Corruption) -> End {
        guard let position = reader.uint64(at: locator + 8), let distance = position.subtractingSafely(tailStart),
            let at = Int(exactly: distance), at < locator, reader.uint32(at: at) == 0x0606_4b50,
            let disk = reader.uint32(at: at + 16), let directoryDisk = reader.uint32(at: at + 20),
            let countHere = reader.uint64(at: at + 24), let count = reader.uint64(at: at + 32),
            let size = reader.uint64(at: at + 40), let offset = reader.uint64(at: at + 48)
        else {
            throw Corruption("its zip64 end of central directory is missing")
        }
        guard disk == 0, directoryDisk == 0, countHere == count else {
            throw Corruption("it is one part of a split archive")
        }
        return End(count: count, size: size, offset: offset, limit: position)
    }

    private static func entries(
        _ reader: ByteReader, from first: Int, length: Int, count: UInt64, dataEnd: UInt64
    ) throws(Corruption) -> [Entry] {
        var entries: [Entry] = []
        var at = first
        let end = first + length
        var stored: UInt64 = 0
        while at < end {
            guard reader.uint32(at: at) == 0x0201_4b50, let madeBy = reader.uint16(at: at + 4), let flags = reader.uint16(at: at + 8),
                let method = reader.uint16(at: at + 10), let compressed = reader.uint32(at: at + 20), let size = reader.uint32(at: at + 24),
                let nameLength = reader.uint16(at: at + 28), let extraLength = reader.uint16(at: at + 30),
                let commentLength = reader.uint16(at: at + 32), let attributes = reader.uint32(at: at + 38),
                let offset = reader.uint32(at: at + 42), let name = reader.slice(at: at + 46, count: Int(nameLength)),
                let extra = reader.slice(at: at + 46 + Int(nameLength), count: Int(extraLength))
            else {
                throw Corruption("entry \(entries.count + 1) of the central directory is broken")
            }
            let text = String(decoding: name, as: UTF8.self)
            guard let large = Zip64Extra(Array(extra), size: size, compressedSize: compressed, offset: offset) else {
                throw Corruption("the zip64 sizes of \(text) are missing")
            }
            // An entry's data: a local header of 30 bytes and the name, then the content; all of it before the directory.
            let (afterContent, overflow) = large.compressedSize.addingReportingOverflow(30 + UInt64(nameLength))
            let (contentEnd, overflow2) = large.offset.addingReportingOverflow(afterContent)
            let (total, overflow3) = stored.addingReportingOverflow(afterContent)
            guard !overflow, !overflow2, !overflow3, contentEnd <= dataEnd, total <= dataEnd else {
                throw Corruption("\(text) lies outside the archive")
            }
            stored = total
            entries.append(
                Entry(
                    name: text, isEncrypted: flags & 1 != 0,
                    // The upper half of the attributes is a Unix mode if a Unix made the entry.
                    isSymbolicLink: madeBy >> 8 == 3 && attributes >> 28 == 0xA, method: method, compressedSize: large.compressedSize,
                    size: large.size))
            at += 46 + Int(nameLength) + Int(extraLength) + Int(commentLength)
        }
        guard at == end, UInt64(entries.count) == count else {
            throw Corruption("the central directory has \(entries.count) entries and announces \(count)")
        }
        return entries
    }
}

/// An entry's numbers, those of its zip64 extra field where the 32-bit ones are full.
private struct Zip64Extra {
    private(set) var size: UInt64
    private(set) var compressedSize: UInt64
    private(set) var offset: UInt64

    /// Nil when a number is full and the extra field does not have it.
    init?(_ extra: [UInt8], size: UInt32, compressedSize: UInt32, offset: UInt32) {
        (self.size, self.compressedSize, self.offset) = (UInt64(size), UInt64(compressedSize), UInt64(offset))
        guard size == .max || compressedSize == .max || offset == .max else { return }
        let reader = ByteReader(extra)
        var at = 0
        while let kind = reader.uint16(at: at), let length = reader.uint16(at: at + 2) {
            guard kind == 1 else {
                at += 4 + Int(length)
                continue
            }
            guard let field = reader.slice(at: at + 4, count: Int(length)) else { return nil }
            let numbers = ByteReader(Array(field))
            let paths = [(size, \Self.size), (compressedSize, \Self.compressedSize), (offset, \Self.offset)]
            var next = 0
            // Only the numbers that are full are there, in this order.
            for (short, path) in paths where short == .max {
                guard let number = numbers.uint64(at: next) else { return nil }
                self[keyPath: path] = number
                next += 8
            }
            return
        }
        return nil
    }
}

extension UInt64 {
    /// Nil instead of a trap below zero.
    fileprivate func subtractingSafely(_ other: UInt64) -> UInt64? {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? nil : difference
    }
}
