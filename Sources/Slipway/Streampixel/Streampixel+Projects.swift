internal import SlipwayHTTP
package import SlipwayJSON

extension Streampixel {
    /// All projects of the user, from all pages of either generation of the list.
    package func projects(_ operation: Operation, _ delivery: Delivery) async throws -> JSON {
        let context = Context(operation: operation, delivery: delivery)
        var path = "/projects/projects-status"
        var page: Answer
        do {
            page = try await get(path, [], context)
        } catch let failure as Failure where failure.status == .notFound {
            path = "/projects"
            page = try await get(path, Self.page(1), context)
        }
        var pages: [JSON] = []
        var projects: [JSON] = []
        var seen: Set<String> = []
        for number in 2... {
            guard page.json["projects"]?.kind == .array || page.json.kind == .array else { return try page.require(nil, "projects", path) }
            let found = (page.json["projects"] ?? page.json).elements.compactMap { Project($0) }.filter { seen.insert($0.id).inserted }
            projects += found.map(\.summary)
            pages.append(page.json)
            // A page without anything new is the last one, whatever the service says of their number.
            guard let total = page.json.integer("totalPages"), number <= total, !found.isEmpty, number <= 1000 else { break }
            page = try await get(path, Self.page(number), context)
        }
        return .object(["projects": .array(projects), "total": .integer(projects.count), "raw": .array(pages)])
    }

    private static func page(_ number: Int) -> [(String, String)] { [("page", String(number)), ("limit", "100")] }

    /// A project with its builds.
    package func project(_ projectID: String?, _ operation: Operation, _ delivery: Delivery) async throws -> JSON {
        let projectID = try Identifier.check(projectID, "project_id")
        let (project, answer) = try await project(projectID, Context(operation: operation, delivery: delivery))
        return project.normalForm(raw: answer.json)
    }

    /// The same, to act on.
    func project(_ projectID: String, _ context: Context) async throws -> (project: Project, answer: Answer) {
        let path = "/projects/\(URL.encode(projectID))"
        let answer = try await get(path, [], context)
        return (try answer.require(Project(answer.json), "id", path), answer)
    }

    /// How many people play and wait.
    package func stats(_ projectID: String?, _ operation: Operation, _ delivery: Delivery) async throws -> JSON {
        let projectID = try Identifier.check(projectID, "project_id")
        let path = "/projects/userStats/\(URL.encode(projectID))"
        let answer = try await get(path, [], Context(operation: operation, delivery: delivery))
        let live = answer.json.integer("liveUser") ?? answer.json.integer("liveUsers")
        let queued = answer.json.integer("queueUser") ?? answer.json.integer("usersInQueue")
        return .object([
            "projectId": .string(projectID), "liveUsers": .integer(try answer.require(live, "liveUser", path)),
            "usersInQueue": .integer(queued),
            "raw": answer.json,
        ])
    }

    /// Has the service send its test event to the project's webhook.
    package func testWebhook(_ projectID: String?, _ operation: Operation, _ delivery: Delivery) async throws -> JSON {
        let projectID = try Identifier.check(projectID, "project_id")
        let path = "/projects/test-webhook"
        let answer = try await post(
            path, [("projectId", .string(projectID))], .whenUnanswered, Context(operation: operation, delivery: delivery))
        let delivered = try answer.require(answer.json.bool("success"), "success", path)
        // 0 is how the service says that nobody answered.
        let code = answer.json.integer("statusCode").flatMap { $0 == 0 ? nil : $0 }
        return .object([
            "projectId": .string(projectID), "delivered": .bool(delivered), "statusCode": .integer(code),
            "message": .text(answer.json.string("message")), "raw": answer.json,
        ])
    }
}
