import CMicrohttpd
import Glibc
import Synchronization

/// An HTTP server on libmicrohttpd: it reads whole requests, asks one function for the reply, and puts that on the wire.
///
/// Each connection has a thread of its own (MHD_USE_THREAD_PER_CONNECTION). An emulator's answers are meant to be late, slow or
/// stuck, and a thread that waits is the plainest way to have that: no other connection notices, and nothing needs to be suspended
/// and resumed. The price, a stack for each connection, is small for the hundreds of connections that a test opens.
final class Server: Sendable {
    /// Makes the reply to a request, on the connection's thread; it may block.
    typealias Handler = @Sendable (Request) -> Reply

    /// Says which requests' bodies are taken apart while they arrive, however large they are.
    typealias FormRule = @Sendable (_ method: String, _ path: Substring) -> Bool

    /// What a TLS server shows.
    struct Identity {
        /// PEM text.
        let certificate: String
        let key: String
    }

    struct Failure: Error {
        let text: String
    }

    /// Bodies of requests are kept up to here.
    static let bodyLimit = 1 << 20
    /// A request with a larger body than this is not read to its end: its connection is closed.
    static let bodyPatience = 256 << 20
    private static let connectionLimit: UInt32 = 4096
    private static let stackSize = 1 << 20

    let port: UInt16
    private let daemon: Mutex<OpaquePointer?>
    private let context: ServerContext

    /// Listens on a numeric address and a port (0: the system picks one). With an identity it speaks TLS.
    init(address: String, port: UInt16, identity: Identity?, pause: Pause, takesForm: @escaping FormRule, handler: @escaping Handler)
        throws(Failure)
    {
        let context = ServerContext(isSecure: identity != nil, pause: pause, takesForm: takesForm, handler: handler)
        var problem: Int32 = 0
        let started = Self.withStrings(address, identity?.certificate, identity?.key) { address, certificate, key in
            var options = cmicrohttpd_options()
            options.address = address
            options.port = port
            options.certificate = certificate
            options.key = key
            options.connection_limit = Self.connectionLimit
            options.stack_size = Self.stackSize
            options.callbacks.context = Unmanaged.passUnretained(context).toOpaque()
            options.callbacks.begin = ServerContext.begin
            options.callbacks.handle = ServerContext.handle
            options.callbacks.end = ServerContext.end
            options.callbacks.connection = ServerContext.connection
            return cmicrohttpd_start(&options, &problem)
        }
        guard let started else {
            throw Failure(text: Self.text(problem, address: address, port: port, isSecure: identity != nil))
        }
        self.port = cmicrohttpd_port(started)
        self.context = context
        daemon = Mutex(started)
    }

    deinit {
        stop()
    }

    /// Closes all connections and waits for their threads; what they wait for must have been stopped before (`Pause.stop`).
    func stop() {
        let running = daemon.withLock { daemon in
            let running = daemon.map { UInt(bitPattern: $0) }
            daemon = nil
            return running
        }
        if let running, let daemon = OpaquePointer(bitPattern: running) {
            MHD_stop_daemon(daemon)
        }
    }

    private static func withStrings<Result>(
        _ address: String, _ certificate: String?, _ key: String?,
        _ body: (UnsafePointer<CChar>, UnsafePointer<CChar>?, UnsafePointer<CChar>?) -> Result
    ) -> Result {
        address.withCString { address in
            guard let certificate, let key else {
                return body(address, nil, nil)
            }
            return certificate.withCString { certificate in
                key.withCString { key in body(address, certificate, key) }
            }
        }
    }

    private static func text(_ problem: Int32, address: String, port: UInt16, isSecure: Bool) -> String {
        switch problem {
        case EINVAL: "cannot listen on \(address): it is not a numeric IPv4 or IPv6 address of this machine"
        case EADDRINUSE: "cannot listen on \(address): port \(port) is in use"
        case 0 where isSecure && cmicrohttpd_has_tls() == 0: "this libmicrohttpd was built without TLS"
        case 0 where isSecure: "cannot serve TLS: the certificate and the key are not a pair of PEM files"
        case 0: "cannot listen on \(address), port \(port)"
        default: "cannot listen on \(address), port \(port): \(String(cString: strerror(problem)))"
        }
    }
}
