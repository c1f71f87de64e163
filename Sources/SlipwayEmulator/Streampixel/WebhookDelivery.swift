import SlipwayJSON

/// What became of one webhook.
struct WebhookDelivery: Sendable {
    let event: String
    let projectID: String
    let url: String
    let body: [UInt8]
    /// Milliseconds since 1970.
    let at: Int
    /// 0 when there was no answer.
    let status: Int
    /// It was not sent, because it was to be lost.
    let isLost: Bool

    var document: JSON {
        .object([
            "event": .string(event),
            "projectId": .string(projectID),
            "url": .string(url),
            "body": (try? JSON(parsing: body)) ?? .string(String(decoding: body, as: UTF8.self)),
            "at": .integer(at),
            "statusCode": .integer(status),
            "delivered": .bool((200..<300).contains(status)),
            "lost": .bool(isLost),
        ])
    }
}
