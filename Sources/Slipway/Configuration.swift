internal import SlipwayHTTP

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What a client is made from, as the host gave it. Zero and nil mean the default.
package struct Configuration: Sendable {
    package var delivery = Delivery.Mode.thread
    package var streampixelBaseURL: String?
    package var streampixelKey: String?
    package var streampixelUser: String?
    package var enterMediaBaseURL: String?
    package var enterMediaKey: String?
    package var enterMediaUser: String?
    package var enterMediaPassword: String?
    package var proxy: String?
    package var caBundle: String?
    package var userAgent: String?
    package var connectTimeout: UInt32 = 0
    package var idleTimeout: UInt32 = 0
    package var deadline: UInt32 = 0
    package var maxAttempts: UInt32 = 0
    package var retryDelay: UInt32 = 0
    package var maxConnections: UInt32 = 0
    package var rateWindow: UInt32 = 0
    package var allowsInsecure = false

    package static let version = "0.1.0"
    /// A deadline that never comes, in milliseconds: SLIPWAY_FOREVER.
    package static let forever = UInt32.max
    static let defaultBaseURL = "https://api.streampixel.io/pixelStripeApi"

    package init() {}

    /// How long an operation may take: what its request says, else what the client says, else `fallback`. Nil: for ever.
    static func deadline(_ choices: UInt32..., fallback: UInt32) -> Duration? {
        let milliseconds = choices.first { $0 != 0 } ?? fallback
        return milliseconds == forever ? nil : .milliseconds(Int64(milliseconds))
    }

    /// The base URL of a service, without slashes at its end. Throws when it is malformed, naming the option.
    static func baseURL(_ text: String, option: String, example: String) throws(Failure) -> URL {
        guard let url = try URL(String(text.reversed().drop { $0 == "/" }.reversed())), url.query == nil, !url.hasUserInfo else {
            throw Failure(
                .invalidArgument, "\(option) must be an http or https URL without a query and without a user", hint: "Such as \(example).")
        }
        return url
    }

    /// Whether a key may be sent there.
    func isSafe(_ url: URL) -> Bool { url.isSecure || url.isLoopback || allowsInsecure }

    /// 64, but the host shall not run out of descriptors by idle connections of its guest.
    private static var fittingConnections: Int {
        var limit = rlimit()
        #if canImport(Darwin)
            let isKnown = getrlimit(RLIMIT_NOFILE, &limit) == 0
        #else
            let isKnown = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        #endif
        return isKnown ? Int(clamping: min(64, max(limit.rlim_cur / 4, 1))) : 64
    }

    /// What HTTP needs of it. Throws when something in it is malformed.
    func http() throws(Failure) -> HTTPClient.Configuration {
        var http = HTTPClient.Configuration()
        if let userAgent, !userAgent.isEmpty {
            guard !userAgent.utf8.contains(where: { $0 < 0x20 || $0 >= 0x7F }) else {
                throw Failure(.invalidArgument, "user_agent must be printable ASCII in one line")
            }
            http.userAgent = "Slipway/\(Self.version) \(userAgent)"
        } else {
            http.userAgent = "Slipway/\(Self.version)"
        }
        if let caBundle {
            guard access(caBundle, R_OK) == 0 else {
                throw Failure(.invalidArgument, "ca_bundle: \(caBundle) cannot be read: \(String(systemError: errno))")
            }
            // What is no file could keep the first handshake, and with it everything, waiting for ever.
            var status = stat()
            guard stat(caBundle, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                throw Failure(.invalidArgument, "ca_bundle: \(caBundle) is not a file", hint: "Give a file of PEM certificates.")
            }
            http.caBundle = caBundle
        }
        if let proxy {
            let url = proxy.isEmpty ? nil : try Self.proxyURL(proxy)
            guard proxy.isEmpty || url != nil else {
                throw Failure(.invalidArgument, "proxy is not a URL", hint: "Such as http://proxy.example.com:3128.")
            }
            http.proxy = proxy
            http.isProxyLocal = url?.isLoopback ?? false
        }
        guard maxConnections <= 4096 else { throw Failure(.invalidArgument, "max_connections is \(maxConnections): at most 4,096") }
        http.maxConnections = maxConnections > 0 ? Int(maxConnections) : Self.fittingConnections
        if connectTimeout > 0 { http.connectTimeoutMilliseconds = Int(min(connectTimeout, UInt32(Int32.max))) }
        if idleTimeout > 0 { http.idleTimeoutSeconds = Int((UInt64(idleTimeout) + 999) / 1000) }
        http.redaction = Redaction(
            secrets: [streampixelKey, enterMediaKey, enterMediaPassword, proxyPassword].compactMap { $0 }, learns: true)
        return http
    }

    /// [scheme://][user:password@]host[:port], as libcurl takes it; as an http URL.
    private static func proxyURL(_ text: String) throws(Failure) -> URL? {
        let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) ?? text.endIndex
        guard text[colon...].hasPrefix("://") else { return try URL("http://" + text) }
        let schemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]
        return schemes.contains(text[..<colon].lowercased()) ? try URL("http" + text[colon...]) : nil
    }

    /// Its user part goes with every URL; the password alone may turn up in libcurl's texts.
    private var proxyPassword: String? {
        guard let proxy, let at = proxy.lastIndex(of: "@") else { return nil }
        return proxy[..<at].split(separator: ":").last.map(String.init)
    }

    var retry: Retry {
        Retry(maxAttempts: maxAttempts == 0 ? 5 : Int(maxAttempts), baseDelay: .milliseconds(retryDelay == 0 ? 500 : Int64(retryDelay)))
    }

    /// Takes from the environment what was not given.
    package mutating func completeFromEnvironment() {
        func variable(_ name: String) -> String? { getenv(name).flatMap { String(validatingCString: $0) } }
        streampixelKey = streampixelKey ?? variable("STREAMPIXEL_API_KEY")
        streampixelUser = streampixelUser ?? variable("STREAMPIXEL_USER_ID")
        enterMediaBaseURL = enterMediaBaseURL ?? variable("ENTERMEDIA_BASE_URL")
        enterMediaKey = enterMediaKey ?? variable("ENTERMEDIA_KEY")
        enterMediaUser = enterMediaUser ?? variable("ENTERMEDIA_USER")
        enterMediaPassword = enterMediaPassword ?? variable("ENTERMEDIA_PASSWORD")
    }
}
