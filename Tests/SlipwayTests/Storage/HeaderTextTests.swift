import Testing

@testable import Slipway

/// How texts that are not plain go into headers, and come out of lists.
struct HeaderTextTests {
    @Test(arguments: ["", "plain", "a+b %20 & \"quoted\"", "1 ~ 2"])
    func plainTextStaysAsItIs(text: String) { #expect(EncodedWord.encode(text) == text) }

    /// The expected words are from Python's email.header.
    @Test(arguments: [
        ("ü", "=?UTF-8?B?w7w=?="), ("日本", "=?UTF-8?B?5pel5pys?="), (" leading", "=?UTF-8?B?IGxlYWRpbmc=?="),
        ("=?UTF-8?Q?x?=", "=?UTF-8?B?PT9VVEYtOD9RP3g/PQ==?="), ("a\tb", "=?UTF-8?B?YQli?="),
    ])
    func otherTextBecomesWords(text: String, word: String) { #expect(EncodedWord.encode(text) == word) }

    @Test func longTextBecomesSeveralWordsOfWholeCharacters() {
        let words = EncodedWord.encode(String(repeating: "日本語", count: 40)).split(separator: " ")
        #expect(words.count > 5)
        for word in words {
            #expect(word.utf8.count <= 75)
            #expect(word.hasPrefix("=?UTF-8?B?") && word.hasSuffix("?="))
        }
    }

    @Test(arguments: [
        ("plain", "plain"), ("a%20b", "a b"), ("a+b", "a b"), ("%2B", "+"), ("%C3%BC", "ü"), ("100%", "100%"), ("%zz", "%zz"), ("%2", "%2"),
        ("%25", "%"),
    ])
    func percentEncodingIsUndone(text: String, expected: String) { #expect(PercentEncoding.decode(text) == expected) }

    @Test func whatIsNoTextAfterwardsIsNone() { #expect(PercentEncoding.decode("%FF%FE") == nil) }
}
