/// A moment as S3's answers write it: ISO 8601, in UTC.
struct Timestamp: Sendable, Equatable {
    /// Nil when the text is not such a moment.
    let secondsSince1970: Int64

    init(secondsSince1970: Int64) { self.secondsSince1970 = secondsSince1970 }

    /// "2026-11-21T17:04:47.000Z", with any number of decimals or none.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        let separators = [4: "-", 7: "-", 10: "T", 13: ":", 16: ":"]
        guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z"),
            separators.allSatisfy({ bytes[$0.key] == $0.value.utf8.first })
        else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            let digits = bytes[range]
            guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
            let minute = number(14..<16), let second = number(17..<19), (1...12).contains(month), (1...31).contains(day), hour < 24,
            minute < 60, second < 61
        else { return nil }
        // Years that begin in March, so that the leap day is the last one.
        let shifted = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
        secondsSince1970 = days * 86_400 + hour * 3600 + minute * 60 + second
    }

    /// "2026-11-21T17:04:47Z".
    var text: String {
        let stamp = Array(SigningTime(secondsSince1970: secondsSince1970).stamp)
        guard stamp.count == 16 else { return String(stamp) }
        let part = { (range: Range<Int>) in String(stamp[range]) }
        return "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11)):\(part(11..<13)):\(part(13..<15))Z"
    }
}
