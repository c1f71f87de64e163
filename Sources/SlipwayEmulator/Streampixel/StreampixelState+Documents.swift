import SlipwayJSON

/// What the emulator knows, as the admin endpoints show it.
extension StreampixelState {
    var document: JSON {
        .object([
            "settings": settings.document,
            "users": .array(users.map { user in user.document(projects: projects.filter { $0.userID == user.id }.map(\.id)) }),
            "projects": .array(projects.map(\.adminDocument)),
        ])
    }
}

extension User {
    func document(projects: [String]) -> JSON {
        .object(["userId": .string(id), "apiKey": .string(apiKey), "projectIds": .array(projects.map { .string($0) })])
    }
}

extension Project {
    var adminDocument: JSON {
        .object([
            "projectId": .string(id),
            "userId": .string(userID),
            "name": .string(name),
            "region": .string(region),
            "enabled": .bool(isEnabled),
            "subscriptionStatus": .string(subscriptionStatus),
            "webhookUrl": webhookURL.map { .string($0) } ?? .null,
            "webhookEvents": .array(webhookEvents.map { .string($0) }),
            "customDomain": customDomain.map { .string($0) } ?? .null,
            "liveUsers": .integer(liveUsers),
            "usersInQueue": .integer(usersInQueue),
            "live": liveBuild.map { .string($0) } ?? .null,
            "builds": .array(builds.map { $0.adminDocument(isLive: $0.id == liveBuild) }),
        ])
    }

    /// Changes what an admin request names.
    mutating func apply(_ form: AdminForm) throws(AdminForm.Refusal) {
        name = try form.string("name") ?? name
        region = try form.string("region") ?? region
        isEnabled = try form.flag("enabled") ?? isEnabled
        subscriptionStatus = try form.string("subscriptionStatus") ?? subscriptionStatus
        webhookURL = try form.stringOrNull("webhookUrl") ?? webhookURL
        webhookEvents = try form.strings("webhookEvents") ?? webhookEvents
        customDomain = try form.stringOrNull("customDomain") ?? customDomain
        liveUsers = try form.integer("liveUsers", 0...Int(Int32.max)) ?? liveUsers
        usersInQueue = try form.integer("usersInQueue", 0...Int(Int32.max)) ?? usersInQueue
        updated = Clock.wall
        try form.finish()
    }
}

extension Build {
    func adminDocument(isLive: Bool) -> JSON {
        .object([
            "uploadId": .string(id),
            "projectId": .string(projectID),
            "fileUrl": .string(fileURL),
            "autoRelease": .bool(autoRelease),
            "status": .string(status),
            "objection": objection.map { .string($0) } ?? .null,
            "date": .string(Clock.text(wall: date)),
            "live": .bool(isLive),
            "moving": .bool(jobs > 0),
            "history": .array(history.map { .object(["status": .string($0.status), "at": .integer($0.at)]) }),
        ])
    }
}
