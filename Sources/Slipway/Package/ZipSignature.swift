/// The four bytes that each record of an archive begins with.
enum ZipSignature {
    /// What precedes each file.
    static let localHeader: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
    /// An entry of the table of contents, the central directory.
    static let entry: [UInt8] = [0x50, 0x4B, 0x01, 0x02]
    /// What may follow the last entry.
    static let digitalSignature: [UInt8] = [0x50, 0x4B, 0x05, 0x05]
    /// The end of the archive. An archive that begins with it has no files.
    static let end: [UInt8] = [0x50, 0x4B, 0x05, 0x06]
    static let zip64End: [UInt8] = [0x50, 0x4B, 0x06, 0x06]
    /// What says where the zip64 end is.
    static let zip64Locator: [UInt8] = [0x50, 0x4B, 0x06, 0x07]
    /// The first part of a split archive.
    static let split: [UInt8] = [0x50, 0x4B, 0x07, 0x08]
    /// An archive that was to be split, but was small enough for one part.
    static let splitInOne: [UInt8] = [0x50, 0x4B, 0x30, 0x30]
}
