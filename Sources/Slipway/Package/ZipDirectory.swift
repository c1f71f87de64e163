/// An archive's table of contents, the central directory, read one entry after another and a piece at a time: memory does not grow with it.
struct ZipDirectory {
    let end: ZipEnd

    private let file: PackageFile
    /// Where the next piece begins.
    private var position: UInt64
    /// What was read and not yet taken.
    private var bytes: ArraySlice<UInt8> = []
    /// Entries so far.
    private var count: UInt64 = 0
    /// What they take at the least, in bytes.
    private var stored: UInt64 = 0

    private static let pieceLength: UInt64 = 64 << 10
    /// Of the header in front of each file's content. Name and extra fields follow it, but need not be those of the table of contents.
    private static let localHeaderLength: UInt64 = 30

    init(of file: PackageFile, _ end: ZipEnd) {
        self.file = file
        self.end = end
        position = end.directory.lowerBound
    }

    /// Nil after the last one. Throws when what is there cannot be an archive's.
    mutating func next() throws(Failure) -> ZipEntry? {
        let header = try peek(ZipEntry.headerLength)
        if header.isEmpty || isDigitalSignature(header) { return try finish() }
        count += 1
        guard let lengths = ZipEntry.lengths(header) else {
            throw file.damaged("entry \(count) of its table of contents does not begin as one")
        }
        guard try take(ZipEntry.headerLength) != nil, let name = try take(lengths.name), let extra = try take(lengths.extra),
            try take(lengths.comment) != nil
        else { throw file.damaged("entry \(count) of its table of contents is cut off") }
        do throws(ZipEntry.Damage) {
            let entry = try ZipEntry(header, name: name, extra: extra)
            try check(entry)
            return entry
        } catch {
            throw file.damaged("entry \(count), \(EntryName.printable(name)), \(error.text)")
        }
    }

    private func finish() throws(Failure) -> ZipEntry? {
        if count == end.count { return nil }
        // The old format counts to 65,535, and some tools begin again from 0.
        if !end.isZip64 && count > end.count && (count - end.count).isMultiple(of: 1 << 16) { throw file.lacksZip64 }
        throw file.damaged("its table of contents has \(count) entries, not the \(end.count) that it announces")
    }

    private var remaining: UInt64 { UInt64(bytes.count) + (end.directory.upperBound - position) }

    /// What may follow the last entry: a record of this length, up to the end.
    private func isDigitalSignature(_ header: ArraySlice<UInt8>) -> Bool {
        guard header.starts(with: ZipSignature.digitalSignature), let length = header.number(UInt16.self, at: 4) else { return false }
        return remaining == 6 + UInt64(length)
    }

    /// The next `length` bytes, or what is left of them.
    private mutating func peek(_ length: Int) throws(Failure) -> ArraySlice<UInt8> {
        while bytes.count < length && position < end.directory.upperBound {
            let next = position + min(Self.pieceLength, end.directory.upperBound - position)
            // A new array: what was taken goes with the old one.
            bytes = (Array(bytes) + (try file.bytes(position..<next)))[...]
            position = next
        }
        return bytes.prefix(length)
    }

    /// The next `length` bytes; nil when there are not so many.
    private mutating func take(_ length: Int) throws(Failure) -> ArraySlice<UInt8>? {
        let taken = try peek(length)
        guard taken.count == length else { return nil }
        bytes = bytes.dropFirst(length)
        return taken
    }

    /// Its content must lie in front of the table of contents, and all of them must fit in there without overlapping.
    private mutating func check(_ entry: ZipEntry) throws(ZipEntry.Damage) {
        let (length, overflow) = entry.compressedSize.addingReportingOverflow(Self.localHeaderLength)
        let (contentEnd, overflow2) = entry.offset.addingReportingOverflow(length)
        guard !overflow, !overflow2, contentEnd <= end.directory.lowerBound else { throw ZipEntry.Damage(text: "lies outside the file") }
        let (sum, overflow3) = stored.addingReportingOverflow(length)
        guard !overflow3, sum <= end.directory.lowerBound else { throw ZipEntry.Damage(text: "overlaps another entry") }
        stored = sum
    }
}
