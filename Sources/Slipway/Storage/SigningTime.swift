/// A moment as signatures write it, to the second, in UTC.
package struct SigningTime: Sendable, Equatable {
    /// "20130524", which a signing key is made for.
    package let day: String
    /// "20130524T000000Z".
    package let stamp: String

    /// Any number is a moment: what lies before 1970 or after the year 9999 is taken for the nearest one that can be written.
    package init(secondsSince1970: Int64) {
        let seconds = min(max(secondsSince1970, 0), 253_402_300_799)
        let (year, month, dayOfMonth) = Self.date(daysSince1970: Int(seconds / 86_400))
        let second = Int(seconds % 86_400)
        day = Self.digits(year, 4) + Self.digits(month, 2) + Self.digits(dayOfMonth, 2)
        stamp = "\(day)T\(Self.digits(second / 3600, 2))\(Self.digits(second / 60 % 60, 2))\(Self.digits(second % 60, 2))Z"
    }

    /// The Gregorian calendar counted in years that begin in March, so that the leap day is the last one. An era is 400 years, 146,097 days.
    private static func date(daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
        let days = daysSince1970 + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static func digits(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}
