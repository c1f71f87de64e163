/// How a file is cut into the parts of a multipart upload: all of one size but the last one.
struct PartPlan: Sendable, Equatable {
    static let maxParts: UInt64 = 10_000
    /// What S3 takes for every part but the last one, in bytes.
    static let sizes: ClosedRange<UInt64> = 5 << 20...5 << 30
    private static let defaultSize: UInt64 = 16 << 20
    /// Large files have so many parts: enough to send several at a time, few enough to be listed quickly.
    private static let defaultParts: UInt64 = 1000

    let size: UInt64
    let partSize: UInt64

    /// For a new upload. `wanted` is what the host asks for, or 0. Throws when S3 would not take it.
    init(size: UInt64, wanted: UInt64) throws(Failure) {
        guard wanted == 0 || Self.sizes.contains(wanted) else {
            throw Failure(
                .invalidArgument, "part_size is \(wanted): S3 takes parts of 5 MiB (5,242,880 bytes) to 5 GiB",
                hint: "Leave it 0: the default fits the file.")
        }
        let fitting = min(max(Self.defaultSize, Self.roundedUp(size / Self.defaultParts)), Self.sizes.upperBound)
        let chosen = wanted == 0 ? fitting : wanted
        self.size = size
        // Rounded up: the last part may be the smaller one.
        let least = size / Self.maxParts + (size.isMultiple(of: Self.maxParts) ? 0 : 1)
        partSize = least <= chosen ? chosen : min(Self.roundedUp(least), Self.sizes.upperBound)
        guard least <= partSize else {
            throw Failure(
                .file, "the file has \(size) bytes, and no object may have more than 10,000 parts of 5 GiB", hint: "Make smaller builds.")
        }
    }

    /// For parts that are there already: nil when this file could not have been cut so.
    init?(size: UInt64, partSize: UInt64) {
        guard partSize > 0, size > 0, (size - 1) / partSize < Self.maxParts else { return nil }
        self.size = size
        self.partSize = partSize
    }

    /// 1 also for an empty file.
    var count: Int { size == 0 ? 1 : Int(clamping: (size - 1) / partSize + 1) }

    /// Of a part, counted from 1; empty beyond the last one.
    func range(of number: Int) -> Range<UInt64> {
        let (start, overflows) = partSize.multipliedReportingOverflow(by: UInt64(clamping: number - 1))
        guard !overflows, start < size else { return size..<size }
        return start..<(size - start > partSize ? start + partSize : size)
    }

    /// To a whole MiB.
    private static func roundedUp(_ size: UInt64) -> UInt64 {
        let (sum, overflows) = size.addingReportingOverflow((1 << 20) - 1)
        return ((overflows ? size : sum) >> 20) << 20
    }
}
