import SlipwayHTTP
import Testing

@testable import Slipway

/// The form of a link; what its server answers is tested with a server.
@Suite struct BuildLinkTests {
    init() throws { try Libraries.load() }

    @Test(arguments: [
        "https://downloads.example.com/MyGame-1.0.zip", "http://127.0.0.1:8080/a.zip", "https://h/a.ZIP",
        "https://h/a%20b/c.Zip?X-Amz-Signature=1&x=.exe",
        "https://h/.zip", "https://[::1]/a.zip",
    ])
    func aLinkIsTakenAsItIs(text: String) throws {
        #expect(try BuildLink(text).url.text == text)
    }

    @Test(
        arguments: [
            (nil, "missing"), ("", "missing"), ("a.zip", "not an http or https URL"), ("/home/me/a.zip", "not an http or https URL"),
            ("C:\\a.zip", "not an http or https URL"), ("file:///a.zip", "not an http or https URL"),
            ("ftp://h/a.zip", "not an http or https URL"),
            ("https://h/a b.zip", "not an http or https URL"), ("https://", "not an http or https URL"),
            ("https://h/a.zip\n", "not an http or https URL"),
            ("https://user:hidden@h/a.zip", "user name or a password"), ("https://user@h/a.zip", "user name or a password"),
            ("https://h/", "does not end in .zip"), ("https://h/a.7z", "does not end in .zip"),
            ("https://h/a.zip/", "does not end in .zip"),
            ("https://h/download?file=hidden.zip", "does not end in .zip"), ("https://h/page#hidden.zip", "does not end in .zip"),
            ("https://h.zip", "does not end in .zip"),
        ] as [(String?, String)])
    func anotherFormIsRefused(text: String?, part: String) throws {
        let failure = try #require(throws: Failure.self) { try BuildLink(text) }
        #expect(failure.status == .invalidArgument && !failure.isRetriable)
        #expect(failure.message.hasPrefix("file_url") && failure.message.contains(part), "\(failure.message)")
        if text?.contains("?") == true || text?.contains("@") == true { #expect(!failure.message.contains("hidden")) }
    }
}
