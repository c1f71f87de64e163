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
