import Glibc

/// The two clocks that the emulator reads.
enum Clock {
    /// Milliseconds since some moment in the past, never going back: for windows and durations.
    static var monotonic: Int {
        milliseconds(CLOCK_MONOTONIC)
    }

    /// Milliseconds since 1970: for what people read.
    static var wall: Int {
        milliseconds(CLOCK_REALTIME)
    }

    private static func milliseconds(_ clock: clockid_t) -> Int {
        var now = timespec()
        clock_gettime(clock, &now)
        return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
    }

    /// As cookies have it, `Sat, 21-Nov-2026 09:05:40 GMT`.
    static func cookieText(wall milliseconds: Int) -> String {
        var seconds = milliseconds / 1000
        var parts = tm()
        gmtime_r(&seconds, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            // In the locale "C": the process never sets another one.
            let count = strftime(start, buffer.count, "%a, %d-%b-%Y %H:%M:%S GMT", &parts)
            return String(decoding: UnsafeRawBufferPointer(buffer).prefix(count), as: UTF8.self)
        }
    }

    /// ISO 8601 in UTC with milliseconds, as JavaScript's `toISOString` writes it: `2026-06-01T12:00:00.000Z`.
    static func text(wall milliseconds: Int) -> String {
        var seconds = milliseconds / 1000
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = [padded(Int(parts.tm_year) + 1900, 4), padded(Int(parts.tm_mon) + 1, 2), padded(Int(parts.tm_mday), 2)]
        let time = [padded(Int(parts.tm_hour), 2), padded(Int(parts.tm_min), 2), padded(Int(parts.tm_sec), 2)]
        return "\(date.joined(separator: "-"))T\(time.joined(separator: ":")).\(padded(milliseconds % 1000, 3))Z"
    }
}
