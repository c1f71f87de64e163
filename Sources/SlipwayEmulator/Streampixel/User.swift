/// One customer of the service, with the one key that is valid.
package struct User: Sendable {
    package let id: String
    package var apiKey: String

    package init(id: String, apiKey: String) {
        self.id = id
        self.apiKey = apiKey
    }
}

extension User {
    /// A user of the emulator's own making, with the ids of its projects: the same in every run, so that a pipeline's configuration can
    /// name them. `number` counts from 1.
    package static func sample(_ number: Int, projects: Int) -> (user: User, projectIDs: [String]) {
        let user = User(
            id: Identifier.fixed(kind: 1, number), apiKey: "emulated-key-\(number)-\(Identifier.fixed(kind: 2, number))")
        return (user, (0..<projects).map { Identifier.fixed(kind: 3, number * 1000 + $0 + 1) })
    }
}
