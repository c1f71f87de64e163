/// How long a text such as "Rate limit exceeded. Try again in 2 minutes." asks to wait.
package enum WaitingTime {
    /// The longest time in the text; parts of one, as in "1 minute and 30 seconds", are added up. At most a day: more is no waiting time. Nil: none.
    package static func read(_ text: String) -> Duration? {
        let words = text.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        var longest: Int64?
        var sum: Int64 = 0
        /// Where the part before ended.
        var end: Int?
        for (index, word) in words.enumerated() {
            let digits = word.prefix { $0.isNumber }
            guard !digits.isEmpty, let number = UInt32(digits) else { continue }
            // "30s", or "30 seconds".
            let isOneWord = digits.count < word.count
            let unit = isOneWord ? word.dropFirst(digits.count) : index + 1 < words.count ? words[index + 1] : ""
            guard let seconds = seconds(in: unit) else { continue }
            let gap = end.map { words[($0 + 1)..<index] }
            let continues = gap.map { $0.isEmpty || $0.elementsEqual(["and"]) } ?? false
            sum = min((continues ? sum : 0) + Int64(number) * seconds, 86_400)
            end = isOneWord ? index : index + 1
            longest = max(longest ?? 0, sum)
        }
        return longest.map { .seconds($0) }
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
