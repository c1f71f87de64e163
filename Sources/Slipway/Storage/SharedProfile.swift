/// A profile in the two files that AWS's own tools share: ~/.aws/credentials and ~/.aws/config, or where AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE
/// say. Only read, and only what is written there: a profile that wants a login, a process or a role is refused with the reason.
struct SharedProfile {
    let name: String
    private let credentialsPath: String
    private let configPath: String
    /// What stands in each of the files; nil if the file has no such profile.
    private let inCredentials: [String: String]?
    private let inConfig: [String: String]?

    /// `given`: by the host; nil for AWS_PROFILE. Nil when no profile is named and there is none called "default". Throws when the named one is
    /// missing or a file cannot be read.
    init?(_ given: String? = nil, in environment: Environment) throws(Failure) {
        let named = given ?? environment["AWS_PROFILE"]
        let name = named ?? "default"
        let home = environment["HOME"]
        credentialsPath = Self.path(environment["AWS_SHARED_CREDENTIALS_FILE"], home, "credentials")
        configPath = Self.path(environment["AWS_CONFIG_FILE"], home, "config")
        inCredentials = try ProfileFile.at(credentialsPath)?.section(name)
        let config = try ProfileFile.at(configPath)
        inConfig = config?.section("profile \(name)") ?? (name == "default" ? config?.section(name) : nil)
        self.name = name
        guard inCredentials != nil || inConfig != nil else {
            guard let named else { return nil }
            throw Failure(
                .invalidArgument, "there is no profile \(named) in \(credentialsPath) and \(configPath)",
                hint: "Check \(given == nil ? "AWS_PROFILE" : "profile"), and AWS_SHARED_CREDENTIALS_FILE if the files are elsewhere.")
        }
    }

    var region: String? { value("region") }

    /// Nil when the profile has nothing to do with credentials, as one that only names a region.
    func credentials() throws(Failure) -> Credentials? {
        // Keys beside a role are there to take it on, and may do other things than the role may.
        if value("role_arn") != nil { throw foreign("role_arn", "a role") }
        // AWS's tools look into the credentials file first, too.
        for (values, path) in [(inCredentials, credentialsPath), (inConfig, configPath)] {
            guard let values, let id = values["aws_access_key_id"], let secret = values["aws_secret_access_key"] else { continue }
            let token = values["aws_session_token"] ?? values["aws_security_token"]
            return try Credentials(
                accessKeyID: id, secretAccessKey: secret, sessionToken: token, source: "the profile \(name) in \(path)")
        }
        for half in ["aws_access_key_id", "aws_secret_access_key"] where value(half) != nil {
            throw Failure(
                .invalidArgument, "the profile \(name) has an \(half) alone",
                hint: "It needs aws_access_key_id and aws_secret_access_key, in the same file.")
        }
        for (key, what) in Self.logins where value(key) != nil { throw foreign(key, what) }
        return nil
    }

    /// What a profile may have instead of keys.
    private static let logins = [
        ("sso_session", "a login by SSO"), ("sso_start_url", "a login by SSO"), ("login_session", "a login"),
        ("credential_process", "a program to be run"),
    ]

    private func foreign(_ key: String, _ what: String) -> Failure {
        Failure(
            .invalidArgument, "the profile \(name) wants \(what) (\(key)), which is not done here",
            hint: "Put the keys into the environment: eval \"$(aws configure export-credentials --profile \(name) --format env)\".")
    }

    private func value(_ key: String) -> String? { inCredentials?[key] ?? inConfig?[key] }

    private static func path(_ given: String?, _ home: String?, _ file: String) -> String {
        let path = given ?? "~/.aws/\(file)"
        guard let home, path.utf8.starts(with: "~/".utf8) else { return path }
        return home + path.dropFirst()
    }
}
