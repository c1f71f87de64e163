/// What the records at an archive's end say of its table of contents, and that this can be true. No number in them is believed.
///
/// The layout is that of APPNOTE.TXT, sections 4.3.14 to 4.3.16.
struct ZipEnd {
    /// Where the table of contents lies in the file.
    let directory: Range<UInt64>
    /// Of entries, as announced.
    let count: UInt64
    let isZip64: Bool

    private static let length = 22
    private static let locatorLength = 20
    private static let longestComment = 65_535

    init(of file: PackageFile) throws(Failure) {
        let (tail, start) = try Self.tail(of: file)
        guard let at = Self.find(tail, { $0 == $1 }), var numbers = Numbers(tail[at...]) else {
            // Bytes behind the end, a line end for one.
            if let at = Self.find(tail, { $0 < $1 }), let comment = tail[at...].number(UInt16.self, at: 20) {
                throw file.holdsForeignBytes(UInt64(tail.count - at - Self.length - Int(comment)))
            }
            throw file.damaged("its end is missing, or it is the first part of a split one")
        }
        var limit = start + UInt64(at)
        let locator = tail[max(0, at - Self.locatorLength)..<at]
        isZip64 = locator.starts(with: ZipSignature.zip64Locator)
        if isZip64 {
            limit -= UInt64(locator.count)
            let (wide, position) = try Self.zip64(locator, endingAt: limit, file)
            guard numbers.complete(from: wide) else { throw file.damaged("its two end records contradict each other") }
            limit = position
        }
        guard !numbers.isSplit else { throw file.isSplit }
        guard numbers.count > 0 || numbers.size > 0 else { throw file.hasNoFiles }
        directory = try Self.place(numbers, endingAt: limit, isZip64, file)
        count = numbers.count
    }

    /// Whether a file that does not begin as an archive is the last part of a split one.
    static func isLastPart(_ file: PackageFile) throws(Failure) -> Bool {
        let tail = try tail(of: file).bytes
        guard let at = find(tail, { $0 == $1 }), let numbers = Numbers(tail[at...]) else { return false }
        return numbers.isSplit
    }

    /// As much of the file as the end record can be in, and where that begins.
    private static func tail(of file: PackageFile) throws(Failure) -> (bytes: [UInt8], start: UInt64) {
        let start = file.size - min(file.size, UInt64(locatorLength + length + longestComment))
        return (try file.bytes(start..<file.size), start)
    }

    /// The last end record of which `fits` holds: for the length of its comment, and how many bytes follow it.
    private static func find(_ tail: [UInt8], _ fits: (_ comment: Int, _ rest: Int) -> Bool) -> Int? {
        var at = tail.count - length
        while at >= 0 {
            // The first byte is asked for by itself for the sake of speed.
            if tail[at] == ZipSignature.end[0], tail[at...].starts(with: ZipSignature.end),
                let comment = tail[at...].number(UInt16.self, at: 20), fits(Int(comment), tail.count - length - at)
            {
                return at
            }
            at -= 1
        }
        return nil
    }

    /// The zip64 end record, which must end where its locator begins, and where it is.
    private static func zip64(
        _ locator: ArraySlice<UInt8>, endingAt limit: UInt64, _ file: PackageFile
    ) throws(Failure) -> (Numbers, UInt64) {
        guard let disk = locator.number(UInt32.self, at: 4), let position = locator.number(UInt64.self, at: 8),
            let disks = locator.number(UInt32.self, at: 16)
        else { throw file.damaged("its zip64 locator is cut off") }
        guard disk == 0, disks <= 1 else { throw file.isSplit }
        let (end, overflow) = position.addingReportingOverflow(UInt64(Numbers.zip64Length))
        guard !overflow, end <= limit else { throw file.damaged("its zip64 end record would lie behind its end: a part is missing") }
        let record = try file.bytes(position..<end)[...]
        guard record.starts(with: ZipSignature.zip64End), let numbers = Numbers(zip64: record) else {
            // Of the usual length it would be here.
            let usual = limit - UInt64(Numbers.zip64Length)
            guard try file.begins(with: ZipSignature.zip64End, at: usual) else {
                throw file.damaged("its zip64 end record is not where it should be")
            }
            throw file.holdsForeignBytes(usual - position)
        }
        // Its length does not count its first 12 bytes; what it has beyond the usual 56 is of no interest.
        guard numbers.length == limit - position - 12 else { throw file.damaged("its zip64 end record has the wrong length") }
        return (numbers, position)
    }

    /// Where the table of contents is. It must end where the end records begin.
    private static func place(
        _ numbers: Numbers, endingAt limit: UInt64, _ isZip64: Bool, _ file: PackageFile
    ) throws(Failure) -> Range<UInt64> {
        let (end, overflow) = numbers.offset.addingReportingOverflow(numbers.size)
        guard !overflow, end <= limit else {
            throw file.damaged("its table of contents would end behind its end: a part is missing")
        }
        guard numbers.count <= numbers.size / UInt64(ZipEntry.headerLength) else {
            throw file.damaged("its table of contents is too short for the \(numbers.count) entries that it announces")
        }
        guard end == limit else {
            let gap = limit - end
            // Numbers of 32 bits that began again from 0 are short by 4 GB.
            if !isZip64, gap.isMultiple(of: 1 << 32), try file.begins(with: ZipSignature.entry, at: numbers.offset + gap) {
                throw file.lacksZip64
            }
            throw file.holdsForeignBytes(gap)
        }
        return numbers.offset..<end
    }
}

extension ZipEnd {
    /// The content of an end record.
    private struct Numbers {
        static let zip64Length = 56

        /// Of a zip64 record, as it says.
        var length: UInt64 = 0
        var disk: UInt64
        var directoryDisk: UInt64
        var countOnDisk: UInt64
        var count: UInt64
        var size: UInt64
        var offset: UInt64

        init?(_ record: ArraySlice<UInt8>) {
            guard let disk = record.number(UInt16.self, at: 4), let directoryDisk = record.number(UInt16.self, at: 6),
                let countOnDisk = record.number(UInt16.self, at: 8), let count = record.number(UInt16.self, at: 10),
                let size = record.number(UInt32.self, at: 12), let offset = record.number(UInt32.self, at: 16)
            else { return nil }
            self.disk = UInt64(disk)
            self.directoryDisk = UInt64(directoryDisk)
            self.countOnDisk = UInt64(countOnDisk)
            self.count = UInt64(count)
            self.size = UInt64(size)
            self.offset = UInt64(offset)
        }

        init?(zip64 record: ArraySlice<UInt8>) {
            guard let length = record.number(UInt64.self, at: 4), let disk = record.number(UInt32.self, at: 16),
                let directoryDisk = record.number(UInt32.self, at: 20), let countOnDisk = record.number(UInt64.self, at: 24),
                let count = record.number(UInt64.self, at: 32), let size = record.number(UInt64.self, at: 40),
                let offset = record.number(UInt64.self, at: 48)
            else { return nil }
            self.length = length
            self.disk = UInt64(disk)
            self.directoryDisk = UInt64(directoryDisk)
            self.countOnDisk = countOnDisk
            self.count = count
            self.size = size
            self.offset = offset
        }

        var isSplit: Bool { disk != 0 || directoryDisk != 0 || countOnDisk != count }

        /// Takes from a zip64 record what is full in this one. False when the two differ in the rest.
        mutating func complete(from wide: Numbers) -> Bool {
            func agree(_ number: UInt64, _ wide: UInt64, full: UInt64) -> Bool { number == full || number == wide }
            let (short, long) = (UInt64(UInt16.max), UInt64(UInt32.max))
            defer { self = wide }
            return agree(disk, wide.disk, full: short) && agree(directoryDisk, wide.directoryDisk, full: short)
                && agree(countOnDisk, wide.countOnDisk, full: short) && agree(count, wide.count, full: short)
                && agree(size, wide.size, full: long) && agree(offset, wide.offset, full: long)
        }
    }
}
