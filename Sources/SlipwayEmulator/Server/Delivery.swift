/// How an answer is put on the wire. The default is as it should be; everything else is a fault.
struct Delivery: Sendable {
    /// The connection is closed without an answer.
    var isWithheld = false
    /// The connection is closed after so many bytes of the body.
    var cut: Cut?
    /// How much Content-Length is too large; negative: too small.
    var lengthError = 0
    /// The body goes out a few bytes at a time.
    var drip: Drip?

    enum Cut: Sendable {
        case half
        case after(UInt64)
    }

    struct Drip: Sendable {
        let bytes: Int
        let interval: Int
    }

    /// Nothing is wrong with it.
    var isPlain: Bool {
        !isWithheld && cut == nil && lengthError == 0 && drip == nil
    }
}

/// What a request gets: an answer and the way it is delivered.
struct Reply: Sendable {
    var response: Response
    var delivery = Delivery()
}
