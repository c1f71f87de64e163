import Testing

@testable import Slipway

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A folder with .aws/credentials and .aws/config in it, for a test.
private final class Home {
    let path: String

    init(credentials: String? = nil, config: String? = nil) throws {
        var template = Array("/tmp/slipway-credentials-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(.internal, "mkdtemp: \(errno)") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard mkdir(path + "/.aws", 0o700) == 0 else { throw Failure(.internal, "mkdir: \(errno)") }
        if let credentials { try write(credentials, "credentials") }
        if let config { try write(config, "config") }
    }

    deinit {
        for name in ["credentials", "config", "elsewhere", "pipe"] { unlink("\(path)/.aws/\(name)") }
        rmdir(path + "/.aws")
        rmdir(path)
    }

    func write(_ text: String, _ name: String) throws {
        guard let file = fopen("\(path)/.aws/\(name)", "w") else { throw Failure(.internal, "fopen: \(errno)") }
        defer { fclose(file) }
        let bytes = Array(text.utf8)
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw Failure(.internal, "fwrite: \(errno)") }
    }

    func environment(_ more: [String: String] = [:]) -> Environment { Environment(more.merging(["HOME": path]) { given, _ in given }) }
}

@Suite struct CredentialsTests {
    private let keys = "aws_access_key_id = file:id\naws_secret_access_key = file+secret/=\n"

    @Test func whatIsGivenComesFirst() throws {
        let home = try Home(credentials: "[default]\n" + keys)
        let variables = ["AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token"]
        let given = try Credentials.find(accessKeyID: "a:b:c", secretAccessKey: "d", in: home.environment(variables))
        #expect(given.accessKeyID == "a:b:c" && given.secretAccessKey == "d" && given.sessionToken == nil)
        let environment = try Credentials.find(accessKeyID: "", secretAccessKey: "", in: home.environment(variables))
        #expect(environment.accessKeyID == "id" && environment.secretAccessKey == "secret" && environment.sessionToken == "token")
        #expect(environment.secrets == ["secret", "token"])
        let file = try Credentials.find(in: home.environment())
        #expect(file.accessKeyID == "file:id" && file.secretAccessKey == "file+secret/=" && file.sessionToken == nil)
    }

    @Test func halfAPairIsAMistake() throws {
        let home = try Home(credentials: "[default]\n" + keys)
        for (variables, missing) in [
            (["AWS_ACCESS_KEY_ID": "id"], "AWS_SECRET_ACCESS_KEY is not"),
            (["AWS_SECRET_ACCESS_KEY": "secret", "AWS_ACCESS_KEY_ID": ""], "AWS_ACCESS_KEY_ID is not"),
        ] {
            let failure = try #require(throws: Failure.self) { try Credentials.find(in: home.environment(variables)) }
            #expect(failure.status == .invalidArgument && failure.message.hasSuffix(missing), "\(failure.message)")
        }
        let failure = try #require(throws: Failure.self) { try Credentials.find(accessKeyID: "id", in: home.environment()) }
        #expect(failure.message == "the storage's settings: access_key_id is set, secret_access_key is not")
    }

    @Test(arguments: ["id\n", "i d", "id\u{0}", "id\u{7F}"])
    func keysThatWereNotCopiedWell(id: String) throws {
        let failure = try #require(throws: Failure.self) {
            try Credentials.find(in: Environment(["AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": "secret"]))
        }
        #expect(failure.message.contains("the access key id from the environment") && !failure.message.contains(id))
        let secret = try #require(throws: Failure.self) {
            try Credentials.find(accessKeyID: "id", secretAccessKey: "wJalr\n", in: Environment([:]))
        }
        #expect(!secret.message.contains("wJalr") && !secret.hint.contains("wJalr"))
    }

    @Test func aNamedProfile() throws {
        let home = try Home(
            credentials: "[default]\n\(keys)[ci]\naws_access_key_id=ci\naws_secret_access_key=s # a comment\naws_session_token = t\n",
            config: "[default]\nregion = eu-west-1\n[profile ci]\nregion = eu-central-1\n[profile \"with space\"]\nregion=x\n")
        let environment = home.environment(["AWS_PROFILE": "ci"])
        let found = try Credentials.find(in: environment)
        #expect(found.accessKeyID == "ci" && found.secretAccessKey == "s" && found.sessionToken == "t")
        #expect(try Credentials.region(in: environment) == "eu-central-1")
        #expect(try Credentials.region(in: home.environment()) == "eu-west-1")
        #expect(try Credentials.region(in: home.environment(["AWS_PROFILE": "with space"])) == "x")
        #expect(try Credentials.region(in: home.environment(["AWS_REGION": "a", "AWS_DEFAULT_REGION": "b"])) == "a")
        #expect(try Credentials.region(in: home.environment(["AWS_DEFAULT_REGION": "b"])) == "b")
    }

    @Test func keysMayStandInTheConfigFile() throws {
        let home = try Home(config: "[profile ci]\n\(keys)")
        #expect(try Credentials.find(in: home.environment(["AWS_PROFILE": "ci"])).accessKeyID == "file:id")
    }

    @Test func theFilesMayBeElsewhere() throws {
        let home = try Home()
        try home.write("[ci]\n\(keys)", "elsewhere")
        for path in ["\(home.path)/.aws/elsewhere", "~/.aws/elsewhere"] {
            let environment = home.environment(["AWS_PROFILE": "ci", "AWS_SHARED_CREDENTIALS_FILE": path])
            #expect(try Credentials.find(in: environment).accessKeyID == "file:id")
        }
    }

    @Test func noCredentialsAtAll() throws {
        for environment in [Environment([:]), try Home().environment(), try Home(config: "[default]\nregion = x\n").environment()] {
            let failure = try #require(throws: Failure.self) { try Credentials.find(in: environment) }
            #expect(
                failure.status == .invalidArgument && failure.hint.contains("AWS_ACCESS_KEY_ID") && failure.hint.contains("AWS_PROFILE"))
        }
        #expect(try Credentials.region(in: Environment([:])) == nil)
    }

    @Test func aProfileThatIsNotThere() throws {
        let home = try Home(credentials: "[default]\n\(keys)")
        let environment = home.environment(["AWS_PROFILE": "cj"])
        for failure in [
            try #require(throws: Failure.self) { try Credentials.find(in: environment) },
            try #require(throws: Failure.self) { try Credentials.region(in: environment) },
        ] {
            #expect(failure.message == "there is no profile cj in \(home.path)/.aws/credentials and \(home.path)/.aws/config")
        }
    }

    @Test(arguments: [
        ("sso_session = my-sso\nsso_account_id = 1", "a login by SSO (sso_session)"),
        ("sso_start_url = https://example.com", "a login by SSO (sso_start_url)"), ("login_session = x", "a login (login_session)"),
        ("credential_process = /bin/secrets --get", "a program to be run (credential_process)"),
        ("role_arn = arn:aws:iam::1:role/x\nsource_profile = default", "a role (role_arn)"),
        ("role_arn = arn:aws:iam::1:role/x\naws_access_key_id = id\naws_secret_access_key = s", "a role (role_arn)"),
        ("role_arn = arn:aws:iam::1:role/x\nweb_identity_token_file = /token", "a role (role_arn)"),
    ])
    func profilesThatWantMore(lines: String, what: String) throws {
        let home = try Home(config: "[profile ci]\n\(lines)\n")
        let failure = try #require(throws: Failure.self) { try Credentials.find(in: home.environment(["AWS_PROFILE": "ci"])) }
        #expect(failure.status == .invalidArgument && failure.message == "the profile ci wants \(what), which is not done here")
        #expect(failure.hint.contains("aws configure export-credentials --profile ci"))
    }

    @Test func textsDoNotTellSecrets() throws {
        let credentials = try Credentials(accessKeyID: "id", secretAccessKey: "wJalrXUtnFEMI", sessionToken: "FwoGZX", source: "the test")
        for text in [
            "\(credentials)", "\([credentials])", "\(Signer(credentials: credentials, region: "x"))", String(reflecting: credentials),
        ] {
            #expect(!text.contains("wJalr") && !text.contains("FwoGZX"), "\(text)")
        }
    }

    @Test func halfAProfile() throws {
        let home = try Home(credentials: "[default]\naws_access_key_id = id\n")
        let failure = try #require(throws: Failure.self) { try Credentials.find(in: home.environment()) }
        #expect(failure.message == "the profile default has an aws_access_key_id alone")
    }

    @Test func filesThatAreNone() throws {
        let home = try Home()
        // A pipe that nobody writes to would keep a reader waiting for ever.
        try #require(mkfifo("\(home.path)/.aws/pipe", 0o600) == 0)
        for (path, why) in [
            ("\(home.path)/.aws/pipe", "it is not a file"), (home.path, "it is not a file"), ("/dev/zero", "it is not a file"),
        ] {
            let failure = try #require(throws: Failure.self) {
                try Credentials.find(in: home.environment(["AWS_SHARED_CREDENTIALS_FILE": path]))
            }
            #expect(failure.message == "\(path) cannot be read: \(why)")
        }
        try home.write(String(repeating: "# much ado\n", count: 200_000), "elsewhere")
        let failure = try #require(throws: Failure.self) {
            try Credentials.find(in: home.environment(["AWS_SHARED_CREDENTIALS_FILE": "~/.aws/elsewhere"]))
        }
        #expect(failure.message.hasSuffix("/.aws/elsewhere cannot be read: it has more than 1 MB"))
    }
}

@Suite struct ProfileFileTests {
    private func section(_ text: String, _ name: String = "a") -> [String: String]? { ProfileFile(parsing: Array(text.utf8)).section(name) }

    @Test(arguments: [
        "[a]\nkey = value", "[a]\r\nkey=value\r\n", "  [ a ]  \n\tKEY\t=\tvalue\t\n", "\u{FEFF}[a]\nkey = value ; comment",
        "# x\n; y\n[a] # z\n\n key = other\n key = value #", "[b]\nkey = x\n[a]\nkey = value\n[b]\nkey = y", "['a']\nkey = value",
        "[\"a\"]\nkey = value\ns3 =\n  key = nested\n  max_concurrent_requests = 20\n",
        "key = before any section\n[a]\nkey = value\n[broken\nkey = lost",
    ])
    func oneValue(text: String) {
        #expect(section(text)?["key"] == "value", "\(text)")
    }

    @Test func valuesKeepWhatIsInThem() {
        #expect(section("[a]\nkey = a=b;c#d:e+f/g==")?["key"] == "a=b;c#d:e+f/g==")
        #expect(section("[a]\nkey =\nother")?.isEmpty == true)
        #expect(section("[a]")?.isEmpty == true && section("[a]", "b") == nil && section("") == nil)
    }

    @Test func anyBytesAreAFile() {
        var generator = SeededGenerator(seed: 7)
        let pool = Array("[]=#; \t\r\n\"'ab\u{0}ü\u{FEFF}".utf8) + [0xFF, 0xC3]
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in pool[Int.random(in: 0..<pool.count, using: &generator)] }
            _ = ProfileFile(parsing: bytes).section("a")
        }
    }
}
