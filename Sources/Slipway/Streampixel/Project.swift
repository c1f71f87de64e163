internal import SlipwayHTTP
package import SlipwayJSON

/// A project of the user, from either generation of the service's documents.
package struct Project: Sendable {
    package let id: String
    package let builds: [Build]
    private let document: JSON

    /// Nil when the document is not a project.
    package init?(_ document: JSON) {
        // Some answers wrap the project.
        let project = document["project"]?.kind == .object ? document["project"] ?? document : document
        guard let id = project.string("_id") ?? project.string("id"), !id.isEmpty else { return nil }
        self.id = id
        self.document = project
        builds = (project["files"]?.elements ?? []).compactMap { Build($0) }
    }

    package func build(_ uploadID: String) -> Build? { builds.last { $0.id == uploadID } }

    /// "active" or true, as the document's generation has it. Nil when it says neither.
    private var isActive: Bool? {
        if let flag = document.bool("status") { return flag }
        return document.string("status").map { $0.lowercased() == "active" }
    }

    private var status: String? { document.string("status") ?? document.bool("status").map { $0 ? "true" : "false" } }

    private var summaryMembers: [(String, JSON?)] {
        [
            ("id", .string(id)), ("name", .text(document.string("name"))), ("active", .bool(isActive)), ("status", .text(status)),
            ("region", .text(document.string("region"))), ("subscriptionStatus", .text(document.string("subscriptionStatus"))),
            ("createdAt", .text(document.string("createdAt"))), ("updatedAt", .text(document.string("updatedAt"))),
        ]
    }

    /// As it stands in a list of projects.
    package var summary: JSON { .object(summaryMembers) }

    /// With its builds. `raw` is the service's own document, redacted.
    package func normalForm(raw: JSON) -> JSON {
        let events = (document["webhookEvents"]?.elements ?? []).filter { $0.kind == .string }
        return .object(
            summaryMembers + [
                ("customDomain", .text(document.string("customDomain"))),
                ("webhookUrl", .text(document.string("webhookUrl").map { URL.redact($0) })), ("webhookEvents", .array(events)),
                ("liveUsers", .integer(document.integer("liveUsers"))), ("usersInQueue", .integer(document.integer("usersInQueue"))),
                ("builds", .array(builds.map(\.normalForm))), ("raw", raw),
            ])
    }
}
