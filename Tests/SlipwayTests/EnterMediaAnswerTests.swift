import SlipwayHTTP
import SlipwayJSON
import Testing

@testable import Slipway

@Suite struct EnterMediaAnswerTests {
    init() throws { try Libraries.load() }

    private func answer(_ body: String, _ status: Int = 200) -> EnterMedia.Answer {
        EnterMedia.Answer(response: Response(status: status, body: Array(body.utf8)), path: "distribution/create/create")
    }

    @Test func blankLinesBeforeAnAnswerAreNothing() throws {
        let document = try answer("\n\n \t\r\n{\"response\":{\"status\":\"OK\"}}").decoded()
        #expect(document.status == "ok")
        try document.requireOK()
    }

    @Test(arguments: ["not found", "notfound", "Not Found"])
    func notFoundHasTwoSpellings(word: String) throws {
        #expect(try answer("{\"response\":{\"status\":\"\(word)\"}}").decoded().isNotFound)
    }

    @Test(arguments: [
        ("", Status.protocol), ("<html>", .protocol), ("[]", .protocol), ("7", .protocol), ("{\"a\":", .protocol),
        ("{\"error\":\"Invalid request\"}", .protocol), ("{\"errorcode\":\"403\",\"response\":{\"status\":\"error\"}}", .unauthorized),
        ("{\"errorcode\":403}", .unauthorized),
    ])
    func whatIsNoAnswerIsAFailure(body: String, status: Status) {
        #expect {
            try answer(body).decoded()
        } throws: {
            ($0 as? Failure)?.status == status
        }
    }

    @Test(arguments: ["error", "logout", "", "$data.status"])
    func anythingButOKIsAFailure(word: String) throws {
        let document = try answer("{\"response\":{\"status\":\"\(word)\",\"details\":\"the disk is full\"}}").decoded()
        #expect {
            try document.requireOK()
        } throws: {
            ($0 as? Failure)?.message.holds("the disk is full") == true
        }
    }

    /// "$data.id" is what the server's template leaves where it has no value.
    @Test func templatesAreNoValues() {
        let json: JSON = ["id": "$data.id", "user": "${user.id}", "name": "", "ok": "a$b"]
        #expect(json.text("id") == nil && json.text("user") == nil && json.text("name") == nil && json.text("ok") == "a$b")
    }

    @Test(arguments: ["", "a b", "a;b", "a,b", "a\"b", "a\\b", "ü", "a\r\nX: y", String(repeating: "k", count: 4097)])
    func whatWouldEndAHeaderIsNoKey(text: String) { #expect(!EnterMedia.Session.isKey(text)) }

    @Test func aKeyIsSentBothWays() {
        let key = EnterMedia.Session.Key("adminmd5421c0af")
        #expect(EnterMedia.Session.isKey(key.text))
        #expect(
            key.readHeaders.contains("Cookie: entermedia.key=adminmd5421c0af")
                && key.readHeaders.contains("X-entermedia.key: adminmd5421c0af"))
        #expect(key.sentHeaders.starts(with: key.readHeaders))
    }
}
