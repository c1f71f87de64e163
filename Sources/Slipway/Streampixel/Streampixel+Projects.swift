internal import SlipwayHTTP
package import SlipwayJSON

extension Streampixel {
    /// All projects of the user, from all pages of either generation of the list.
    package func projects(_ operation: Operation, _ delivery: Delivery) async throws -> JSON {
        let context = Context(operation: operation, delivery: delivery)
        var path = "/projects/projects-status"
        var page: Document
        do {
            page = try await get(path, [], context).decoded()
        } catch let failure as Failure where failure.status == .notFound {
            path = "/projects"
            page = try await get(path, Self.page(1), context).decoded()
        }
        var pages: [JSON] = []
        var projects: [JSON] = []
        var seen: Set<String> = []
        for number in 2... {
            guard page.json["projects"]?.kind == .array || page.json.kind == .array else { return try page.require(nil, "projects") }
            let found = (page.json["projects"] ?? page.json).elements.compactMap { Project($0) }.filter { seen.insert($0.id).inserted }
            projects += found.map(\.summary)
            pages.append(page.json)
            // A page without anything new is the last one, whatever the service says of their number.
            guard let total = page.json.integer("totalPages"), number <= total, !found.isEmpty, number <= 1000 else { break }
            page = try await get(path, Self.page(number), context).decoded()
        }
        return .object(["projects": .array(projects), "total": .integer(projects.count), "raw": .array(pages)])
    }

    private static func page(_ number: Int) -> [(String, String)] { [("page", String(number)), ("limit", "100")] }

    /// A project with its builds.
    package func project(_ projectID: String?, _ operation: Operation, _ delivery: Delivery) async throws -> Ending {
        let projectID = try Identifier.check(projectID, "project_id")
        let answer = try await get(Self.path(of: projectID), [], Context(operation: operation, delivery: delivery))
        return .later {
            let document = try answer.decoded()
            return try Self.project(in: document).normalForm(raw: document.json)
        }
    }

    /// The same, to act on.
    func project(_ projectID: String, _ context: Context) async throws -> (project: Project, document: Document) {
        let document = try await get(Self.path(of: projectID), [], context).decoded()
        return (try Self.project(in: document), document)
    }

    private static func path(of projectID: String) -> String { "/projects/\(URL.encode(projectID))" }

    private static func project(in document: Document) throws(Failure) -> Project { try document.require(Project(document.json), "id") }

    /// How many people play and wait.
    package func stats(_ projectID: String?, _ operation: Operation, _ delivery: Delivery) async throws -> Ending {
        let projectID = try Identifier.check(projectID, "project_id")
        let path = "/projects/userStats/\(URL.encode(projectID))"
        let answer = try await get(path, [], Context(operation: operation, delivery: delivery))
        return .later {
            let document = try answer.decoded()
            let live = document.json.integer("liveUser") ?? document.json.integer("liveUsers")
            let queued = document.json.integer("queueUser") ?? document.json.integer("usersInQueue")
            return .object([
                "projectId": .string(projectID), "liveUsers": .integer(try document.require(live, "liveUser")),
                "usersInQueue": .integer(queued), "raw": document.json,
            ])
        }
    }

    /// Has the service send its test event to the project's webhook.
    package func testWebhook(_ projectID: String?, _ operation: Operation, _ delivery: Delivery) async throws -> Ending {
        let projectID = try Identifier.check(projectID, "project_id")
        let context = Context(operation: operation, delivery: delivery)
        let answer = try await post("/projects/test-webhook", ["projectId": .text(projectID)], .whenUnanswered, context)
        return .later {
            let document = try answer.decoded()
            let delivered = try document.require(document.json.bool("success"), "success")
            // 0 is how the service says that nobody answered.
            let code = document.json.integer("statusCode").flatMap { $0 == 0 ? nil : $0 }
            return .object([
                "projectId": .string(projectID), "delivered": .bool(delivered), "statusCode": .integer(code),
                "message": .text(document.json.string("message")), "raw": document.json,
            ])
        }
    }
}
