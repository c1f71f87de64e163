import SlipwayHTTP
import SlipwayJSON

@testable import Slipway

/// What the services answer, in the shapes that they have: what becomes of it is an answer in normal form, or a `Failure`.
extension Parser {
    /// The two shapes in which EnterMediaDB's servers answer.
    @Sendable static func readEnterMedia(_ bytes: [UInt8]) throws {
        let answer = EnterMedia.Answer(response: Response(status: 200, body: bytes), path: "distribution/create/create")
        _ = answer.looksLikeJSON
        guard let document = try orFailure({ try answer.decoded() }) else { return }
        _ = try orFailure { try document.requireOK() }
        let json = document.json
        let records = [json, json["data"], json["results"]].compactMap { $0 } + (json["results"]?.elements ?? [])
        var forms = records.compactMap { Asset($0)?.normalForm(raw: $0) }
        for allowsOriginal in [false, true] {
            guard let made = Distribution(created: json, allowsOriginal: allowsOriginal) else { continue }
            forms.append(made.normalForm(raw: json))
            _ = made.firstLink
        }
        forms += records.compactMap { Distribution(found: $0)?.normalForm(raw: .null) }
        forms += records.compactMap { Distribution(record: $0)?.normalForm(raw: .null) }
        for form in forms {
            try promise(form, hasText: "id")
            if let links = form["links"] {
                try BrokenPromise.unless(links.members.allSatisfy { $0.value.kind == .string }, "a link is no text")
            }
        }
        for key in [json["results"]?.text("entermediakey"), json.text("entermediakey")].compactMap({ $0 })
        where EnterMedia.Session.isKey(key) {
            for line in EnterMedia.Session.Key(key).sentHeaders { try BrokenPromise.unless(isOneLine(line), "a key ends its header") }
        }
    }

    /// Projects and builds of both generations.
    @Sendable static func readStreampixel(_ bytes: [UInt8]) throws {
        let answer = Streampixel.Answer(response: Response(status: 200, body: bytes), path: "/projects")
        guard let document = try orFailure({ try answer.decoded() }) else { return }
        let json = document.json
        for entry in [json] + (json["projects"] ?? json).elements {
            guard let project = Project(entry) else { continue }
            try promise(project.summary, hasText: "id")
            let form = project.normalForm(raw: Redaction()(entry))
            try promise(form, hasText: "id")
            for build in form["builds"]?.elements ?? [] {
                try promise(build, hasText: "uploadId")
                try BrokenPromise.unless(build.string("uploadId").flatMap { project.build($0) } != nil, "a build of the list is not found")
            }
        }
        if let text = json.string("message") ?? json.string("error") { _ = WaitingTime.read(text) }
    }

    @Sendable static func readWebhook(_ bytes: [UInt8]) throws {
        guard let webhook = try orFailure({ try Webhook(bytes) }) else { return }
        for confirmed in [nil, false, true] as [Bool?] {
            try promise(webhook.normalForm(confirmed: confirmed, shown: webhook.state), hasText: "event")
        }
        for id in [webhook.projectID, webhook.uploadID].compactMap({ $0 }) {
            try BrokenPromise.unless((try? Identifier.check(id, "id")) == id, "an id that is none")
        }
    }

    // MARK: What they have in common

    /// Nil when it is refused as it should be: with a message, and without a line end in it.
    static func orFailure<Value>(_ body: () throws -> Value) throws -> Value? {
        do {
            return try body()
        } catch let failure as Failure {
            try BrokenPromise.unless(failure.status != .ok && !failure.message.isEmpty, "a failure without a reason")
            return nil
        }
    }

    /// An answer for the host: JSON that can be written and read again.
    static func promise(_ form: JSON, hasText member: String) throws {
        try BrokenPromise.unless(form.string(member)?.isEmpty == false, "no \(member) in \(form)")
        try promiseRoundTrip(form)
    }

    static func promiseRoundTrip(_ json: JSON) throws {
        let again: JSON
        do { again = try JSON(parsing: json.utf8()) } catch {
            throw BrokenPromise(description: "what was written cannot be read: \(error)")
        }
        try BrokenPromise.unless(again == json, "what was written reads as something else")
    }

    static func isOneLine(_ text: String) -> Bool { !text.utf8.contains { $0 == 0x0A || $0 == 0x0D || $0 == 0 } }
}
