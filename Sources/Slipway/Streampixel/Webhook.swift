internal import SlipwayHTTP
package import SlipwayJSON

/// An event that says that it comes from Streampixel. Anybody can send one.
package struct Webhook: Sendable {
    package let event: String
    package let projectID: String?
    package let uploadID: String?
    private let fileURL: String?
    private let serviceState: String?
    private let objection: String?
    private let timestamp: String?
    private let raw: JSON

    package static let maxSize = 65_536

    /// Throws when the body is not an event.
    package init(_ body: [UInt8]) throws(Failure) {
        guard (1...Self.maxSize).contains(body.count) else {
            throw Self.malformed("is empty, or larger than the 65,536 bytes that an event has at most")
        }
        let document: JSON
        do { document = try JSON(parsing: body) } catch {
            try error.throwIfOutOfMemory("reading the webhook's body")
            throw Self.malformed("is not JSON: \(error.text)")
        }
        guard document.kind == .object else { throw Self.malformed("is not a JSON object") }
        guard let event = document.string("event"), !event.isEmpty, event.utf8.count <= 128 else { throw Self.malformed("has no event") }
        self.event = event
        projectID = try Self.id(document, "projectId")
        uploadID = try Self.id(document, "uploadId")
        fileURL = document.string("fileUrl")
        serviceState = document.string("status")
        objection = document.string("objection")
        timestamp = document.string("timestamp")
        raw = document
    }

    /// What the event says of the build's state: by its name, else by its status.
    package var state: BuildState? {
        if let state = BuildState(event: event), state != .unknown { return state }
        return serviceState.map { BuildState(status: $0) } ?? BuildState(event: event)
    }

    /// `shown`: the state that the service itself shows, when it was asked.
    package func normalForm(confirmed: Bool?, shown: BuildState?) -> JSON {
        .object([
            "event": .string(event), "projectId": .text(projectID), "uploadId": .text(uploadID),
            "fileUrl": .text(fileURL.map { URL.redact($0) }),
            "state": .text(state?.rawValue), "serviceState": .text(serviceState), "objection": .text(objection),
            "timestamp": .text(timestamp),
            "confirmed": .bool(confirmed), "confirmedState": .text(shown?.rawValue), "raw": raw,
        ])
    }

    /// Ids end up in paths: one that is not an id makes the whole event untrustworthy.
    private static func id(_ document: JSON, _ member: String) throws(Failure) -> String? {
        guard let value = document[member], !value.isNull else { return nil }
        guard let text = value.string, let id = try? Identifier.check(text, member) else {
            throw malformed("has a \(member) that is not an id")
        }
        return id
    }

    private static func malformed(_ what: String) -> Failure {
        Failure(
            .protocol, "the webhook's body \(what)",
            hint: "Pass on the body of the POST unchanged. If it was: somebody other than Streampixel may be sending to this address.")
    }
}

extension Streampixel {
    /// Takes an event in: wakes the waits for its build and, with `confirms`, asks the service whether it is so.
    package func receiveWebhook(_ body: [UInt8], confirms: Bool, _ operation: Operation, _ delivery: Delivery) async throws -> JSON {
        let webhook = try Webhook(body)
        operation.saw(body, http.configuration.redaction)
        if let projectID = webhook.projectID {
            let woken = waits.wake(projectID: projectID, uploadID: webhook.uploadID)
            Log.info("webhook \(webhook.event) woke \(woken) waits")
        }
        guard confirms else { return webhook.normalForm(confirmed: nil, shown: nil) }
        // A test event, or one without ids, is about nothing that could be asked for.
        guard let projectID = webhook.projectID, let uploadID = webhook.uploadID, let state = webhook.state else {
            return webhook.normalForm(confirmed: false, shown: nil)
        }
        let (project, _) = try await project(projectID, Context(operation: operation, delivery: delivery))
        let shown = project.build(uploadID)?.state
        return webhook.normalForm(confirmed: shown == state && state != .unknown, shown: shown)
    }
}
