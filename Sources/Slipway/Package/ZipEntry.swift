/// One file or folder of an archive, as the table of contents has it: APPNOTE.TXT, section 4.3.12.
struct ZipEntry {
    /// As stored.
    let name: ArraySlice<UInt8>
    let isEncrypted: Bool
    let isSymbolicLink: Bool
    /// Its numbers did not fit the old format.
    let isZip64: Bool
    let compressedSize: UInt64
    let size: UInt64
    /// Where what it holds lies in the file, its own header first.
    let offset: UInt64

    /// What is wrong with an entry.
    struct Damage: Error {
        let text: String
    }

    /// The length of what precedes the name.
    static let headerLength = 46

    /// How many bytes follow a header: name, extra fields, comment. Nil when it is none.
    static func lengths(_ header: ArraySlice<UInt8>) -> (name: Int, extra: Int, comment: Int)? {
        guard header.starts(with: ZipSignature.entry), let name = header.number(UInt16.self, at: 28),
            let extra = header.number(UInt16.self, at: 30), let comment = header.number(UInt16.self, at: 32)
        else { return nil }
        return (Int(name), Int(extra), Int(comment))
    }

    init(_ header: ArraySlice<UInt8>, name: ArraySlice<UInt8>, extra: ArraySlice<UInt8>) throws(Damage) {
        guard let madeBy = header.number(UInt16.self, at: 4), let flags = header.number(UInt16.self, at: 8),
            let compressedSize = header.number(UInt32.self, at: 20), let size = header.number(UInt32.self, at: 24),
            let disk = header.number(UInt16.self, at: 34), let attributes = header.number(UInt32.self, at: 38),
            let offset = header.number(UInt32.self, at: 42)
        else { throw Damage(text: "is cut off") }
        var wide = try Zip64Field(extra)
        // In this order, and only those that are full in the header.
        self.size = try wide.number(insteadOf: size)
        self.compressedSize = try wide.number(insteadOf: compressedSize)
        self.offset = try wide.number(insteadOf: offset)
        guard try wide.number(insteadOf: disk) == 0 else { throw Damage(text: "is said to lie in another part of a split .zip") }
        self.name = name
        isZip64 = wide.isUsed
        isEncrypted = flags & 1 != 0
        // The upper half of the attributes is a Unix mode when a Unix (3) or macOS (19) made the entry.
        isSymbolicLink = [3, 19].contains(madeBy >> 8) && attributes >> 28 == 0xA
    }
}

/// The extra field with the numbers that are too large for an entry's header: APPNOTE.TXT, section 4.5.3.
private struct Zip64Field {
    private var rest: ArraySlice<UInt8>?
    private(set) var isUsed = false

    /// Looks for it among an entry's extra fields. Fewer than four bytes at their end are padding, as some tools write it.
    init(_ extra: ArraySlice<UInt8>) throws(ZipEntry.Damage) {
        var fields = extra
        while let id = fields.number(UInt16.self, at: 0), let length = fields.number(UInt16.self, at: 2) {
            fields = fields.dropFirst(4)
            guard fields.count >= length else { throw ZipEntry.Damage(text: "has an extra field that is cut off") }
            if id == 1 && rest == nil { rest = fields.prefix(Int(length)) }
            fields = fields.dropFirst(Int(length))
        }
    }

    /// Sizes and offsets have 64 bits here.
    mutating func number(insteadOf number: UInt32) throws(ZipEntry.Damage) -> UInt64 {
        number == .max ? try take(UInt64.self) : UInt64(number)
    }

    /// The number of a part has 32 bits here.
    mutating func number(insteadOf number: UInt16) throws(ZipEntry.Damage) -> UInt64 {
        number == .max ? UInt64(try take(UInt32.self)) : UInt64(number)
    }

    private mutating func take<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type) throws(ZipEntry.Damage) -> Number {
        guard let fields = rest, let number = fields.number(type, at: 0) else {
            throw ZipEntry.Damage(text: "has no zip64 field with its sizes")
        }
        rest = fields.dropFirst(MemoryLayout<Number>.size)
        isUsed = true
        return number
    }
}
