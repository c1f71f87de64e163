/// The emulated EnterMediaDB: what it knows. Its endpoints are in EnterMediaService.
final class EnterMedia: Sendable {
    /// Where it is served: the path of the base URL, as in `/assets/mediadb`.
    let prefix: String
    let state: Guarded<EnterMediaState>
    private let start: EnterMediaState
    /// The port that speaks TLS, once it is open; nil if none does.
    private let securePort = Guarded<UInt16?>(nil)

    init(prefix: String, settings: EnterMediaSettings, users: [EnterMediaUser]) {
        self.prefix = prefix
        start = EnterMediaState(settings: settings, users: users)
        state = Guarded(start)
    }

    /// Where an https redirect leads.
    var tlsPort: UInt16? {
        securePort.withLock { $0 }
    }

    func opened(tlsPort: UInt16) {
        securePort.withLock { $0 = tlsPort }
    }

    /// Back to how it started: no assets, no distributions.
    func reset() {
        state.withLock { $0 = start }
    }

    /// The first part of the path, which is part of the name of a cookie.
    var application: String {
        prefix.split(separator: "/").first.map(String.init) ?? ""
    }

    /// Whether a request's body is taken apart while it arrives, as an upload's is.
    func takesForm(method: String, path: Substring) -> Bool {
        (method == "POST" || method == "PUT") && path.hasPrefix(prefix + "/services/module/asset/create")
    }
}
