import SlipwayJSON
import Testing

@testable import Slipway

/// Anybody can send a webhook: whatever comes is an event or a PROTOCOL failure.
@Suite struct WebhookTests {
    private let document: JSON = [
        "event": "build.rejected", "projectId": "p1", "uploadId": "b1", "fileUrl": "https://h/a.zip?sig=hidden", "status": "Reject",
        "objection": "no .exe", "timestamp": "2025-05-01T10:00:00.000Z",
    ]

    @Test func anEventIsRead() throws {
        let webhook = try Webhook(document.utf8())
        #expect(webhook.event == "build.rejected" && webhook.projectID == "p1" && webhook.uploadID == "b1" && webhook.state == .rejected)
        let expected: JSON = [
            "event": "build.rejected", "projectId": "p1", "uploadId": "b1", "fileUrl": "https://h/a.zip?[redacted]", "state": "rejected",
            "serviceState": "Reject", "objection": "no .exe", "timestamp": "2025-05-01T10:00:00.000Z", "confirmed": nil,
            "confirmedState": nil,
            "raw": document,
        ]
        #expect(webhook.normalForm(confirmed: nil, shown: nil) == expected)
        let confirmed = webhook.normalForm(confirmed: true, shown: .rejected)
        #expect(confirmed["confirmed"] == true && confirmed["confirmedState"] == "rejected")
    }

    @Test func theTestEventHasNoBuild() throws {
        let webhook = try Webhook(Array(#"{"event":"webhook.test","projectId":"p1","uploadId":null,"fileUrl":null,"objection":null}"#.utf8))
        #expect(webhook.event == "webhook.test" && webhook.uploadID == nil && webhook.state == nil)
    }

    @Test(
        arguments: [
            ("build.approved", nil, BuildState.approved), ("build.approved", "Reject", .approved),
            ("build.new", "Distribute", .distributing),
            ("build.new", nil, .unknown), ("build.new", "Baking", .unknown), ("something", "Approved", .approved), ("something", nil, nil),
        ] as [(String, String?, BuildState?)])
    func theEventsNameCountsMoreThanItsStatus(event: String, status: String?, state: BuildState?) throws {
        let webhook = try Webhook(JSON.object([("event", .string(event)), ("status", status.map { .string($0) })]).utf8())
        #expect(webhook.state == state)
    }

    private func failure(_ body: [UInt8]) throws -> Failure {
        let failure = try #require(throws: Failure.self) { try Webhook(body) }
        #expect(failure.status == .protocol && failure.message.hasPrefix("the webhook's body ") && !failure.hint.isEmpty)
        return failure
    }

    @Test(arguments: [
        ("", "empty"), (" ", "not JSON"), ("<html>", "not JSON"), ("{", "not JSON"), ("[]", "not a JSON object"),
        ("7", "not a JSON object"), ("null", "not a JSON object"),
        ("{}", "no event"), (#"{"event":""}"#, "no event"), (#"{"event":7}"#, "no event"), (#"{"event":null}"#, "no event"),
        (#"{"event":"e","projectId":7}"#, "projectId"), (#"{"event":"e","projectId":"../x"}"#, "projectId"),
        (#"{"event":"e","projectId":""}"#, "projectId"),
        (#"{"event":"e","uploadId":{}}"#, "uploadId"), (#"{"event":"e","uploadId":"a/b"}"#, "uploadId"),
        (#"{"event":"e","uploadId":false}"#, "uploadId"),
        (#"{"event":"e","uploadId":"a\u0000"}"#, "uploadId"),
    ])
    func whatIsWrongIsSaid(body: String, part: String) throws {
        let failure = try failure(Array(body.utf8))
        #expect(failure.message.contains(part), "\(failure.message)")
    }

    @Test func sizesAreLimited() throws {
        let filler = Webhook.maxSize - #"{"event":"e","x":""}"#.utf8.count
        let largest = #"{"event":"e","x":"\#(String(repeating: "x", count: filler))"}"#
        #expect(try Webhook(Array(largest.utf8)).event == "e")
        #expect(try failure(Array((largest + " ").utf8)).message.contains("larger than the 65,536 bytes"))
        #expect(try Webhook(Array(#"{"event":"\#(String(repeating: "e", count: 128))"}"#.utf8)).event.count == 128)
        #expect(try failure(Array(#"{"event":"\#(String(repeating: "e", count: 129))"}"#.utf8)).message.contains("event"))
    }

    @Test func everyMemberMayHaveEveryType() throws {
        let values: [JSON] = [nil, true, 7, 1e300, "text", "", "é\u{0}", ["a"], ["event": "e"], [], .object([(String, JSON?)]())]
        for name in document.members.map(\.key) {
            for value in values {
                guard let webhook = try read(document.adding(name, value).utf8()) else { continue }
                let form = webhook.normalForm(confirmed: false, shown: .unknown)
                for member in form.members where member.key != "raw" && member.key != "confirmed" {
                    #expect(member.value.isNull || member.value.kind == .string, "\(name) = \(value): \(member.key)")
                }
            }
        }
    }

    /// Nil when it is refused as it should be.
    private func read(_ body: [UInt8]) throws -> Webhook? {
        do {
            return try Webhook(body)
        } catch {
            #expect(error.status == .protocol)
            return nil
        }
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func damagedEventsAreReadOrRefused(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let whole = document.utf8()
        let bytes = Array("{}[]\":,\\u0tn-. ".utf8) + [0, 0x7F, 0x80, 0xC3, 0xED, 0xFF]
        var (read, refused) = (0, 0)
        for _ in 0..<2_000 {
            var body = whole
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let at = Int.random(in: 0..<body.count, using: &generator)
                let byte = bytes.randomElement(using: &generator) ?? 0
                switch Int.random(in: 0...3, using: &generator) {
                case 0: body[at] = byte
                case 1: body.insert(byte, at: at)
                case 2: body.remove(at: at)
                default: body.removeSubrange(at..<min(body.count, at + Int.random(in: 0...20, using: &generator)))
                }
                if body.isEmpty { break }
            }
            if let webhook = try self.read(body) {
                read += 1
                _ = webhook.normalForm(confirmed: nil, shown: webhook.state).utf8()
                for id in [webhook.projectID, webhook.uploadID].compactMap({ $0 }) { #expect((try? Identifier.check(id, "id")) == id) }
            } else {
                refused += 1
            }
        }
        #expect(read > 20 && refused > 100)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func randomBytesAreRefused(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let body = (0..<Int.random(in: 0...64, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(throws: Failure.self) { try Webhook(body) }
        }
    }

    /// A host's own thread reads it: the deepest document of that size must not end its stack.
    @Test func depthIsRefused() throws {
        let body = #"{"event":"e","x":"# + String(repeating: "[", count: 60_000)
        #expect(try failure(Array(body.utf8)).message.contains("not JSON"))
    }
}
