import SlipwayJSON

/// A project in the forms in which the service shows it.
extension Project {
    /// GET /projects/{id}
    var document: JSON {
        .object([
            "id": .string(id),
            "name": .string(name),
            "region": .string(region),
            "status": .string(status),
            "webhookUrl": webhookURL.map { .string($0) } ?? .null,
            "webhookEvents": .array(webhookEvents.map { .string($0) }),
            "customDomain": customDomain.map { .string($0) } ?? .null,
            "files": .array(builds.map(\.document)),
            "liveUsers": .integer(liveUsers),
            "usersInQueue": .integer(usersInQueue),
            "subscriptionStatus": .string(subscriptionStatus),
            "createdAt": .string(Clock.text(wall: created)),
            "updatedAt": .string(Clock.text(wall: updated)),
        ])
    }

    /// GET /projects/projects-status
    var statusDocument: JSON {
        .object([
            "_id": .string(id), "name": .string(name), "status": .bool(isEnabled), "subscriptionStatus": .string(subscriptionStatus),
        ])
    }

    /// GET /projects
    var pageDocument: JSON {
        .object([
            "id": .string(id), "name": .string(name), "region": .string(region), "status": .string(status),
            "createdAt": .string(Clock.text(wall: created)), "updatedAt": .string(Clock.text(wall: updated)),
        ])
    }

    private var status: String {
        isEnabled ? "active" : "inactive"
    }
}

extension Build {
    /// A member of `files`.
    var document: JSON {
        .object([
            "_id": .string(id), "url": .string(fileURL), "status": .string(status), "date": .string(Clock.text(wall: date)),
            "objection": objection.map { .string($0) } ?? .null,
        ])
    }
}
