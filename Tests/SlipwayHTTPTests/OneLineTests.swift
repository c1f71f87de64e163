import Testing

@testable import SlipwayHTTP

struct OneLineTests {
    @Test(arguments: [
        ("", ""), ("plain text, ünï ✓", "plain text, ünï ✓"), ("a\r\nb\tc\0d", "a  b c d"), ("\u{1B}[2J\u{7F}", " [2J "),
        ("a\u{85}b\u{9B}c\u{A0}d", "a b c\u{A0}d"), ("a\u{2028}b\u{2029}c\u{2027}", "a b c\u{2027}"), ("©", "©"),
    ])
    func controlsAndEndsOfLinesBecomeSpaces(text: String, expected: String) { #expect(text.inOneLine == expected) }
}
