/// Some bytes of a file, sent as a request's body (PUT): read from the disk while they are sent.
///
/// A class, so that the many requests without one are not larger for it.
package final class FileSlice: Sendable {
    package let file: SourceFile
    package let range: Range<UInt64>
    /// How fast it may go, together with others that share it. Nil: as fast as it can.
    package let pace: Pace?
    /// Called on the loop's thread with how many of the slice's bytes have been given to the connection. Begins anew when the slice is sent again.
    package let onSent: @Sendable (UInt64) -> Void

    package init(file: SourceFile, range: Range<UInt64>, pace: Pace? = nil, onSent: @escaping @Sendable (UInt64) -> Void) {
        self.file = file
        self.range = range
        self.pace = pace
        self.onSent = onSent
    }

    var size: UInt64 { range.upperBound - range.lowerBound }
}
