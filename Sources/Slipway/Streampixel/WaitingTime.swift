/// How long a text such as "Rate limit exceeded. Try again in 2 minutes." asks to wait.
package enum WaitingTime {
    /// The first number that is followed by a unit of time. At most a day: more is no waiting time.
    package static func read(_ text: String) -> Duration? {
        let words = text.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        for (index, word) in words.enumerated() {
            let digits = word.prefix { $0.isNumber }
            guard !digits.isEmpty, let number = UInt32(digits) else { continue }
            // "30s", or "30 seconds".
            let unit = digits.count < word.count ? word.dropFirst(digits.count) : index + 1 < words.count ? words[index + 1] : ""
            guard let seconds = seconds(in: unit) else { continue }
            return .seconds(min(Int64(number) * seconds, 86_400))
        }
        return nil
    }

    private static func seconds(in unit: Substring) -> Int64? {
        switch unit {
        case "s", "sec", "secs", "second", "seconds": 1
        case "m", "min", "mins", "minute", "minutes": 60
        case "h", "hour", "hours": 3600
        default: nil
        }
    }
}
