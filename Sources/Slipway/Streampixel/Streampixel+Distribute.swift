internal import SlipwayHTTP
package import SlipwayJSON

extension Streampixel {
    private static let distributePath = "/projects/distribute-file"

    /// Triggers the distribution of an approved build: a new one, or an older one to roll back to.
    package func distribute(projectID: String?, uploadID: String?, _ operation: Operation, _ delivery: Delivery) async throws -> JSON {
        let context = Context(operation: operation, delivery: delivery)
        let projectID = try Identifier.check(projectID, "project_id")
        let uploadID = try Identifier.check(uploadID, "upload_id")
        _ = try credentials()
        let members: KeyValuePairs<String, BodyValue> = ["projectId": .text(projectID), "uploadId": .text(uploadID)]
        for attempt in 1... {
            let answer = try await inTurn("distribute-file", context) { () async throws -> Document? in
                do {
                    context.report(Progress(.requesting, "asking for the distribution of the build", attempt: attempt), on: loop)
                    return try await post(Self.distributePath, members, .whenUnanswered, context).decoded()
                } catch let failure as Failure where failure.status == .rateLimited && attempt < settings.retry.maxAttempts {
                    throw Postponed(until: .now + (failure.retryAfter ?? settings.rateWindow), failure: failure)
                }
            }
            guard let answer else { continue }
            return .object([
                "uploadId": .string(uploadID), "projectId": .string(projectID), "region": .text(answer.json.string("region")),
                "message": .text(answer.json.string("message")), "raw": answer.json,
            ])
        }
        throw CancellationError()
    }
}
