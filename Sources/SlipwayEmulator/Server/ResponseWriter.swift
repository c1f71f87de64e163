import CMicrohttpd

/// Puts a reply into libmicrohttpd's form. Bodies are made while they are sent, so that a file, an endless answer and a slow one are
/// the same thing with different limits.
final class ResponseWriter {
    private let body: Response.Body
    private let drip: Delivery.Drip?
    /// Where the body stops without being complete.
    private let end: UInt64?
    private let pause: Pause

    private init(body: Response.Body, drip: Delivery.Drip?, end: UInt64?, pause: Pause) {
        self.body = body
        self.drip = drip
        self.end = end
        self.pause = pause
    }

    /// The response, to be destroyed by the caller; nil when memory is exhausted.
    static func response(for reply: Reply, pause: Pause) -> OpaquePointer? {
        let response = made(reply, pause: pause)
        guard let response else { return nil }
        for header in reply.response.headers {
            MHD_add_response_header(response, header.name, header.value)
        }
        if reply.delivery.lengthError < 0, let length = reply.response.body.length {
            cmicrohttpd_allow_any_length(response)
            MHD_add_response_header(response, "Content-Length", String(length.saturatingSubtracting(reply.delivery.lengthError.magnitude)))
        }
        return response
    }

    private static func made(_ reply: Reply, pause: Pause) -> OpaquePointer? {
        if case .bytes(let bytes) = reply.response.body, reply.delivery.isPlain, !reply.response.isChunked {
            return bytes.withUnsafeBytes { bytes in
                MHD_create_response_from_buffer(bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
            }
        }
        let length = reply.response.body.length
        let isAnnounced = reply.delivery.lengthError >= 0 && (!reply.response.isChunked || reply.delivery.lengthError > 0)
        // A body that is said to be longer than it is ends with its connection.
        let surplus = UInt64(clamping: reply.delivery.lengthError)
        let announced = isAnnounced ? length.map { $0.addingReportingOverflow(surplus).partialValue } : nil
        let end: UInt64? =
            switch reply.delivery.cut {
            case .after(let count): count
            case .half: (length ?? 0) / 2
            case nil: reply.delivery.lengthError > 0 ? length : nil
            }
        let writer = ResponseWriter(body: reply.response.body, drip: reply.delivery.drip, end: end, pause: pause)
        let context = Unmanaged.passRetained(writer).toOpaque()
        let response = MHD_create_response_from_callback(
            announced ?? UInt64.max, 128 * 1024,
            { context, position, buffer, size in
                guard let context, let buffer else { return ssize_t(-2) }
                let writer = Unmanaged<ResponseWriter>.fromOpaque(context).takeUnretainedValue()
                return writer.write(from: position, into: UnsafeMutableRawBufferPointer(start: buffer, count: size))
            }, context,
            { context in
                guard let context else { return }
                Unmanaged<ResponseWriter>.fromOpaque(context).release()
            })
        if response == nil {
            Unmanaged<ResponseWriter>.fromOpaque(context).release()
        }
        return response
    }

    /// MHD_CONTENT_READER_END_OF_STREAM: that was all.
    private static let ended = -1
    /// MHD_CONTENT_READER_END_WITH_ERROR: closes the connection.
    private static let closed = -2

    /// libmicrohttpd asks for the bytes at a position: how many were written, or `closed`.
    private func write(from position: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        var buffer = buffer
        if let end {
            guard position < end else { return Self.closed }
            buffer = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(Int(clamping: end - position)))
        }
        if let drip {
            if position > 0, !pause.wait(milliseconds: drip.interval) {
                return Self.closed
            }
            buffer = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(drip.bytes))
        }
        if pause.stopped {
            return Self.closed
        }
        if let length = body.length, position >= length {
            // Asked for more only where no length, or a wrong one, was announced.
            return Self.ended
        }
        let count = body.fill(buffer, from: position)
        return count > 0 ? count : Self.closed
    }
}

extension Response.Body {
    /// Bytes; nil when there is no end.
    var length: UInt64? {
        switch self {
        case .bytes(let bytes): UInt64(bytes.count)
        case .file(_, _, let length): length
        case .padding(let length): length
        case .endless: nil
        }
    }

    /// Fills the buffer with the bytes from a position on and says how many there were.
    fileprivate func fill(_ buffer: UnsafeMutableRawBufferPointer, from position: UInt64) -> Int {
        switch self {
        case .bytes(let bytes):
            let rest = bytes.dropFirst(Int(clamping: position)).prefix(buffer.count)
            buffer.copyBytes(from: rest)
            return rest.count
        case .file(let file, let offset, let length):
            guard position < length else { return 0 }
            let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(Int(clamping: length - position)))
            return file.read(into: wanted, at: offset + position)
        case .padding(let length):
            guard position < length else { return 0 }
            let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(Int(clamping: length - position)))
            return Self.fillPadding(wanted, from: position, length: length)
        case .endless:
            return Self.fillPadding(buffer, from: position, length: .max)
        }
    }

    /// A piece of `{"padding":"xxxx"}`, which is `length` bytes long: correct JSON, so that a reader gives up because of its size and
    /// not because of its syntax.
    private static func fillPadding(_ buffer: UnsafeMutableRawBufferPointer, from position: UInt64, length: UInt64) -> Int {
        buffer.initializeMemory(as: UInt8.self, repeating: UInt8(ascii: "x"))
        let closing = "\"}"
        for (text, start) in [("{\"padding\":\"", 0), (closing, length.saturatingSubtracting(closing.utf8.count))] {
            for (index, byte) in text.utf8.enumerated() {
                let (at, isBefore) = (start + UInt64(index)).subtractingReportingOverflow(position)
                if !isBefore, at < UInt64(buffer.count) {
                    buffer[Int(at)] = byte
                }
            }
        }
        return buffer.count
    }
}

extension UInt64 {
    fileprivate func saturatingSubtracting(_ other: some BinaryInteger) -> UInt64 {
        let (difference, overflow) = subtractingReportingOverflow(UInt64(clamping: other))
        return overflow ? 0 : difference
    }
}
