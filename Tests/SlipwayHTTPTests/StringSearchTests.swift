import Testing

@testable import SlipwayHTTP

@Suite struct StringSearchTests {
    @Test(arguments: [
        ("abc", "abc", true), ("abc", "b", true), ("abc", "c", true), ("abc", "abcd", false), ("abc", "B", false), ("", "a", false),
        ("a\u{0}b", "\u{0}b", true), ("aab", "ab", true), ("café", "é", true),
        // Byte for byte: the same letter in another normal form is another text.
        ("cafe\u{301}", "é", false), ("cafe\u{301}", "e", true), ("👨‍👩‍👧", "👩", true),
    ])
    func holds(text: String, part: String, expected: Bool) {
        #expect(text.holds(part) == expected)
    }

    @Test func agreesWithTheNaiveSearch() {
        var generator = SeededGenerator(seed: 3)
        func random(_ length: Int) -> [UInt8] { (0..<length).map { _ in UInt8.random(in: 97...99, using: &generator) } }
        for _ in 0..<5_000 {
            let (text, part) = (random(Int.random(in: 0...20, using: &generator)), random(Int.random(in: 1...4, using: &generator)))
            let naive = text.indices.contains { text[$0...].starts(with: part) }
            #expect(String(decoding: text, as: UTF8.self).holds(String(decoding: part, as: UTF8.self)) == naive)
        }
    }
}
