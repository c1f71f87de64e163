import ArgumentParser
import SlipwayEmulator

/// Where EnterMedia is, who may use it, and how it behaves where installations differ.
struct EnterMediaOptions: ParsableArguments {
    @Option(name: .customLong("entermedia-path"), help: ArgumentHelp("The path of its base URL.", valueName: "path"))
    var path = "/assets/mediadb"

    @Option(name: .customLong("entermedia-user"), help: ArgumentHelp("Who may use it.", valueName: "id"))
    var user = "admin"

    @Option(name: .customLong("entermedia-password"), help: ArgumentHelp("The user's password.", valueName: "text"))
    var password = "admin"

    @Option(
        name: .customLong("entermedia-generation"),
        help: "How it takes keys and refuses strangers: cookie and 302 (current), or 403 (newer).")
    var generation = EnterMediaSettings.Generation.current

    @Option(name: .customLong("entermedia-shape"), help: "What a create answers: presets (current), or data and urls (documented).")
    var shape = EnterMediaSettings.Shape.current

    @Option(
        name: .customLong("entermedia-conversion-ms"),
        help: ArgumentHelp("How long after an upload an image's renditions are there.", valueName: "ms"))
    var conversionMs = 500

    @Option(
        name: .customLong("entermedia-redirect-status"),
        help: ArgumentHelp("Redirect http to https with 301, 302, 307 or 308; needs --tls-cert; 0: do not.", valueName: "status"))
    var redirectStatus = 0

    @Option(
        name: .customLong("entermedia-cdn-prefix"),
        help: ArgumentHelp("Scheme and host of all URLs that it returns. (default: the request's)", valueName: "url"))
    var cdnPrefix: String?

    func validate() throws {
        let first = path.split(separator: "/").first.map(String.init) ?? ""
        guard path.hasPrefix("/"), !path.hasSuffix("/"), !path.contains("//"), !["pixelStripeApi", "files", "_emulator"].contains(first),
            path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && !"?#%{}".utf8.contains($0) })
        else {
            throw ValidationError(
                "--entermedia-path must begin with / and not end with it, and not be a path of the other services, as in /assets/mediadb.")
        }
        guard !user.isEmpty, user != Self.limited.id, !password.isEmpty else {
            throw ValidationError("--entermedia-user, --entermedia-password: neither can be empty, and \(Self.limited.id) is another user.")
        }
        guard conversionMs >= 0 else {
            throw ValidationError("--entermedia-conversion-ms cannot be negative.")
        }
        guard [0, 301, 302, 307, 308].contains(redirectStatus) else {
            throw ValidationError("--entermedia-redirect-status must be 301, 302, 307, 308, or 0.")
        }
    }

    /// May log in, and no more.
    private static let limited = EnterMediaUser(id: "limited", password: "limited", mayUseAPI: false)

    func apply(to options: inout Emulator.Options) throws {
        guard redirectStatus == 0 || options.certificate != nil else {
            throw ValidationError(
                "--entermedia-redirect-status: there is no TLS to redirect to; --tls-cert and --tls-key say what it shows.")
        }
        options.enterMediaPrefix = path
        options.enterMediaUsers = [EnterMediaUser(id: user, password: password), Self.limited]
        options.enterMediaSettings.generation = generation
        options.enterMediaSettings.shape = shape
        options.enterMediaSettings.conversionTime = conversionMs
        options.enterMediaSettings.redirectStatus = redirectStatus
        options.enterMediaSettings.cdnPrefix = cdnPrefix ?? ""
    }
}

extension EnterMediaSettings.Generation: ExpressibleByArgument {}
extension EnterMediaSettings.Shape: ExpressibleByArgument {}
