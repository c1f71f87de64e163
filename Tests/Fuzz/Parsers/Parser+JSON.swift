import SlipwayHTTP
import SlipwayJSON

@testable import Slipway

extension Parser {
    @Sendable static func readJSON(_ bytes: [UInt8]) throws {
        guard let json = try? JSON(parsing: bytes) else { return }
        try promiseRoundTrip(json)
        let redaction = Redaction(secrets: [secret])
        let clean = redaction(json)
        try promiseRoundTrip(clean)
        if !redaction.isNeeded(for: json.utf8()) {
            try BrokenPromise.unless(clean == json, "a document that needed no redaction was changed")
        }
        try promiseNoSecret(clean.utf8())
        try BrokenPromise.unless(json.adding("another", nil) == json, "nothing was added, and it is another document")
        _ = json.detached() == json
    }

    /// A pointer, up to the first NUL, into the document behind it: what the readers of results do.
    @Sendable static func readPointer(_ bytes: [UInt8]) throws {
        let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let pointer = String(validating: first, as: UTF8.self) else { return }
        let json = parts.count > 1 ? (try? JSON(parsing: Array(parts[1]))) ?? document : document
        guard let found = json.at(pointer: pointer) else { return }
        _ = (found.kind, found.bool, found.integer, found.number, found.string, found.count)
        try BrokenPromise.unless(found.members.count + found.elements.count == found.count, "what is there is not as much as is told")
        for (index, element) in found.elements.enumerated() {
            try BrokenPromise.unless(json.at(pointer: "\(pointer)/\(index)") == element, "an element is not under its index")
        }
        for (name, value) in found.members {
            let token = name.split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
                .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
            try BrokenPromise.unless(json.at(pointer: "\(pointer)/\(token)") == value, "a member is not under its name")
        }
        try promiseRoundTrip(found)
    }

    private static let document: JSON = [
        "uploadId": "b1", "builds": [["state": "approved", "a/b": 1, "m~n": 2.5], nil, true, []], "": ["": nil], "0": [0, -1, 1e300],
    ]

    /// Text that may hold URLs and what must not be told.
    @Sendable static func readRedaction(_ bytes: [UInt8]) throws {
        let redaction = Redaction(secrets: [secret])
        let text = String(decoding: bytes, as: UTF8.self)
        let clean = redaction(text)
        try promiseNoSecret(Array(clean.utf8))
        try BrokenPromise.unless(redaction(clean) == clean, "what is clean was not clean: \(clean)")
        // A URL among words is the same URL.
        for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            guard let url = try URL(String(word)) else { continue }
            try promiseRedacted(url, in: redaction("\(word) "))
        }
    }

    static let secret = "s3cr3t"

    static func promiseNoSecret(_ bytes: [UInt8]) throws {
        let needle = Array(secret.utf8)
        let holds = bytes.indices.contains { bytes[$0...].starts(with: needle) }
        try BrokenPromise.unless(!holds, "a secret was told")
    }

    static func promiseRedacted(_ url: URL, in text: String) throws {
        // A short one may stand elsewhere in the text.
        if let query = url.query, query.utf8.count >= 6, !url.path.contains(query), !url.host.contains(query) {
            try BrokenPromise.unless(!text.contains("?\(query)"), "the query of \(url.text) was told: \(text)")
        }
        if url.hasUserInfo { try BrokenPromise.unless(text.contains(Redaction.mark), "the user of \(url.text) was told: \(text)") }
    }
}
