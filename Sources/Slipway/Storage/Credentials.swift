/// Who asks the storage. They are held in memory only; nothing here writes, prompts or asks the network.
package struct Credentials: Sendable, Equatable {
    /// May hold a colon, as OpenStack's do.
    package let accessKeyID: String
    package let secretAccessKey: String
    /// Goes with temporary keys.
    package let sessionToken: String?

    /// What no log line, message or result may show.
    package var secrets: [String] { [secretAccessKey] + (sessionToken.map { [$0] } ?? []) }

    /// `source`, for messages, is where they come from: "the storage's settings", "the profile ci in /home/ci/.aws/credentials".
    package init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil, source: String) throws(Failure) {
        self.accessKeyID = try Self.check(accessKeyID, "access key id", source, allowsSpace: false)
        self.secretAccessKey = try Self.check(secretAccessKey, "secret access key", source, allowsSpace: true)
        self.sessionToken = try sessionToken.flatMap { $0.isEmpty ? nil : $0 }.map { token throws(Failure) in
            try Self.check(token, "session token", source, allowsSpace: false)
        }
    }

    /// A pasted line break is the one mistake that is easily made and never seen: it would come back as a signature that does not match.
    private static func check(_ text: String, _ what: String, _ source: String, allowsSpace: Bool) throws(Failure) -> String {
        guard !text.isEmpty else {
            throw Failure(
                .invalidArgument, "the \(what) from \(source) is empty", hint: "Give the access key id and the secret access key.")
        }
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0x20 && !allowsSpace }) else {
            throw Failure(
                .invalidArgument, "the \(what) from \(source) holds a line break, a space or another character that no key has",
                hint: "Copy it again, without what stands around it.")
        }
        return text
    }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible {
    /// Without the secrets: a text that they are put into by mistake does not tell them.
    package var description: String { "the credentials \(accessKeyID)" }
    package var debugDescription: String { description }
}

extension Credentials {
    /// The first of: those that were given, the profile that was given, AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, the
    /// profile AWS_PROFILE (or "default") in the files that AWS's own tools use. Reads these files.
    static func find(
        accessKeyID: String? = nil, secretAccessKey: String? = nil, sessionToken: String? = nil, profile: String? = nil,
        in environment: Environment = .process
    ) throws(Failure) -> Credentials {
        let profile = profile.flatMap { $0.isEmpty ? nil : $0 }
        let given = (accessKeyID.flatMap { $0.isEmpty ? nil : $0 }, secretAccessKey.flatMap { $0.isEmpty ? nil : $0 })
        let options = ("access_key_id", "secret_access_key")
        if let found = try pair(given.0, given.1, sessionToken, options, "the storage's settings") { return found }
        if let profile {
            if let found = try SharedProfile(profile, in: environment)?.credentials() { return found }
            throw Failure(
                .invalidArgument, "the profile \(profile) has no keys",
                hint: "Put aws_access_key_id and aws_secret_access_key into it, or give them.")
        }
        let names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        let token = environment["AWS_SESSION_TOKEN"]
        if let found = try pair(environment[names.0], environment[names.1], token, names, "the environment") { return found }
        if let found = try SharedProfile(in: environment)?.credentials() { return found }
        throw Failure(
            .invalidArgument, "there are no credentials for the storage",
            hint:
                "Give an access key id and a secret access key, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile in AWS_PROFILE."
        )
    }

    /// The region that goes with them, when the settings name none: that of the profile that was given, AWS_REGION, AWS_DEFAULT_REGION, the profile's own. Nil if nobody says.
    static func region(profile: String? = nil, in environment: Environment = .process) throws(Failure) -> String? {
        if let profile, !profile.isEmpty, let region = try SharedProfile(profile, in: environment)?.region { return region }
        if let region = environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] { return region }
        return try SharedProfile(in: environment)?.region
    }

    /// Both or none: half a pair is a mistake, and to look elsewhere would hide it.
    private static func pair(
        _ id: String?, _ secret: String?, _ token: String?, _ names: (String, String), _ source: String
    ) throws(Failure) -> Credentials? {
        switch (id, secret) {
        case (nil, nil): return nil
        case (let id?, let secret?):
            return try Credentials(accessKeyID: id, secretAccessKey: secret, sessionToken: token, source: source)
        case (_, nil):
            throw Failure(.invalidArgument, "\(source): \(names.0) is set, \(names.1) is not", hint: "Set both, or neither.")
        case (nil, _):
            throw Failure(.invalidArgument, "\(source): \(names.1) is set, \(names.0) is not", hint: "Set both, or neither.")
        }
    }
}
