internal import SlipwayHTTP
package import SlipwayJSON

/// A build that is registered with a project: an entry of the service's `files`.
package struct Build: Sendable {
    /// The service's `_id`: the uploadId.
    package var id: String
    /// Where the service downloads it from, as it says. May hold a signature: see `normalForm`.
    package var url: String?
    package var serviceState: String
    package var date: String?
    package var objection: String?

    /// Nil when the entry has no id: nothing could be done with it.
    package init?(_ file: JSON) {
        guard let id = file.string("_id") ?? file.string("id") ?? file.string("uploadId"), !id.isEmpty else { return nil }
        self.id = id
        url = file.string("url") ?? file.string("fileUrl")
        serviceState = file.string("status") ?? ""
        date = file.string("date") ?? file.string("createdAt")
        objection = file.string("objection").flatMap { $0.isEmpty ? nil : $0 }
    }

    package var state: BuildState { BuildState(status: serviceState) }

    /// URLs without their queries.
    package var normalForm: JSON {
        .object([
            "uploadId": .string(id), "fileUrl": .text(url.map { URL.redact($0) }), "state": .string(state.rawValue),
            "serviceState": .string(serviceState), "date": .text(date), "objection": .text(objection),
        ])
    }
}

extension JSON {
    /// A text, or null: members of a normal form are always there.
    static func text(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }

    static func integer(_ value: Int64?) -> JSON { value.map { .integer($0) } ?? .null }

    static func bool(_ value: Bool?) -> JSON { value.map { .bool($0) } ?? .null }
}
