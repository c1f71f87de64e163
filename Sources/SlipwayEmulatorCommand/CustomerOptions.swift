import ArgumentParser
import SlipwayEmulator

/// Who may use the emulated service, and what they own.
struct CustomerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How many users there are.", valueName: "number"))
    var users = 2

    @Option(help: ArgumentHelp("How many projects each user has.", valueName: "number"))
    var projects = 2

    @Option(help: ArgumentHelp("The first user's id. (default: 24 hex digits, the same in every run)", valueName: "id"))
    var userId: String?

    @Option(help: ArgumentHelp("The first user's API key. (default: the same in every run)", valueName: "key"))
    var apiKey: String?

    @Option(
        help: ArgumentHelp(
            "The id of the first user's next project; can be repeated. (default: 24 hex digits, the same in every run)", valueName: "id"))
    var projectId: [String] = []

    @Option(help: ArgumentHelp("The region of all projects.", valueName: "name"))
    var region = "asia-pacific"

    @Option(help: ArgumentHelp("Where the webhooks of all projects are posted. (default: nowhere)", valueName: "url"))
    var webhookUrl: String?

    func validate() throws {
        guard (1...1000).contains(users), (0...1000).contains(projects) else {
            throw ValidationError("--users must be from 1 to 1000, --projects from 0 to 1000.")
        }
        guard Set(projectId).count == projectId.count else {
            throw ValidationError("--project-id: no two projects can have the same id.")
        }
    }

    func apply(to options: inout Emulator.Options) throws {
        for number in 1...users {
            let isFirst = number == 1
            let user = User.sample(number, projects: projects)
            options.users.append(
                User(id: (isFirst ? userId : nil) ?? user.user.id, apiKey: (isFirst ? apiKey : nil) ?? user.user.apiKey))
            let named = isFirst ? projectId : []
            options.projects.append(named + user.projectIDs.dropFirst(named.count))
        }
        let ids = options.users.map(\.id) + options.projects.joined()
        guard Set(ids).count == ids.count else {
            throw ValidationError("--user-id or --project-id: the id belongs to another user or project.")
        }
        options.region = region
        options.webhookURL = webhookUrl
    }
}
