import ArgumentParser
import Glibc
import SlipwayEmulator

/// Where it listens and what it serves.
struct ServingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Numeric address to listen on. Anyone who reaches it can use the admin endpoints.", valueName: "address"))
    var listen = "127.0.0.1"

    @Option(help: ArgumentHelp("Port; 0 lets the system pick one.", valueName: "port"))
    var port: UInt16 = 0

    @Option(
        help: ArgumentHelp("Serve the files of this folder (GET, HEAD, Range).", valueName: "folder"), completion: .directory)
    var files: String?

    @Option(
        help: ArgumentHelp("Also serve over TLS, with this certificate (PEM).", valueName: "file"), completion: .file())
    var tlsCert: String?

    @Option(help: ArgumentHelp("The certificate's key (PEM).", valueName: "file"), completion: .file())
    var tlsKey: String?

    @Option(help: ArgumentHelp("Port for TLS; 0 lets the system pick one.", valueName: "port"))
    var tlsPort: UInt16 = 0

    @Option(
        help: ArgumentHelp(
            "Certificates to trust when builds are downloaded and webhooks are posted over https. (default: the system's)",
            valueName: "file"),
        completion: .file())
    var caBundle: String?

    @Flag(help: "Stop when standard input is closed, as it is when the program dies that started this one.")
    var exitWithParent = false

    func validate() throws {
        guard (tlsCert == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-cert and --tls-key belong together.")
        }
        if let files {
            var information = stat()
            guard stat(files, &information) == 0, information.st_mode & S_IFMT == S_IFDIR else {
                throw ValidationError("--files \(files): there is no such folder.")
            }
        }
    }

    func apply(to options: inout Emulator.Options) throws {
        options.address = listen
        options.port = port
        options.tlsPort = tlsPort
        options.files = files
        options.trust = caBundle
        options.certificate = try tlsCert.map { try Self.text(of: $0, option: "--tls-cert") }
        options.key = try tlsKey.map { try Self.text(of: $0, option: "--tls-key") }
    }

    private static func text(of path: String, option: String) throws -> String {
        guard let file = fopen(path, "rb") else {
            throw ValidationError("\(option) \(path): \(String(cString: strerror(errno))).")
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
