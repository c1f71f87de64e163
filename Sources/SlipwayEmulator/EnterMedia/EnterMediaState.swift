/// All that the emulated EnterMediaDB knows. A plain value, behind one lock in `EnterMedia`.
struct EnterMediaState: Sendable {
    var settings: EnterMediaSettings
    var users: [EnterMediaUser]
    var assets = Records<Asset>()
    var distributions = Records<Distribution>()
    /// The distributions whose links were asked for, as they were. A deleted one stays here, and its links keep working, until a restart.
    private var cached: [String: Distribution] = [:]
    var sessions = EnterMediaSessions()
    /// Counts what gets an id of the server's own making.
    private var lastRecord = 0

    init(settings: EnterMediaSettings, users: [EnterMediaUser]) {
        self.settings = settings
        self.users = users
    }

    /// Creates it, or replaces the one with the same id; its links follow at once.
    mutating func save(_ distribution: Distribution) {
        distributions[distribution.id] = distribution
        if cached[distribution.id] != nil {
            cached[distribution.id] = distribution
        }
    }

    /// False if there is none. What was fetched before stays reachable.
    mutating func deleteDistribution(_ id: String) -> Bool {
        defer { distributions[id] = nil }
        return distributions[id] != nil
    }

    /// What a link leads to, also when only the cache still knows it.
    func published(_ id: String) -> (distribution: Distribution, asset: Asset)? {
        guard let distribution = distributions[id] ?? cached[id], let assetID = distribution.assetID, let asset = assets[assetID] else {
            return nil
        }
        return (distribution, asset)
    }

    /// A link of that distribution was asked for, with or without success: from now on the cache has the distribution.
    mutating func noteRequest(for id: String) {
        if let distribution = distributions[id] {
            cached[id] = distribution
        }
    }

    /// As when the process of the server ends and begins again: keys and records stay, the cache and the sessions do not.
    mutating func restart() {
        cached = [:]
        sessions = EnterMediaSessions()
    }

    /// Whether the renditions of an asset are there.
    func isConverted(_ asset: Asset) -> Bool {
        Clock.monotonic - asset.arrival >= settings.conversionTime
    }

    /// An id as the server makes it: twenty letters and digits, different each time.
    mutating func newRecordID() -> String {
        lastRecord += 1
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        let number = String(lastRecord, radix: 36)
        let random = (0..<max(1, 16 - number.count)).map { _ in alphabet.randomElement() ?? "A" }
        return "AaH9" + String(random) + number
    }

    /// An id of version 4 of the UUIDs, in lower case.
    static func newUUID() -> String {
        func hex(_ number: UInt64, _ digits: Int) -> String {
            let text = String(number, radix: 16)
            return String(repeating: "0", count: max(0, digits - text.count)) + text.suffix(digits)
        }
        let (high, low) = (UInt64.random(in: 0...UInt64.max), UInt64.random(in: 0...UInt64.max))
        return [
            hex(high >> 32, 8), hex(high >> 16 & 0xffff, 4), hex(0x4000 | high & 0xfff, 4), hex(0x8000 | low >> 50, 4),
            hex(low & 0xffff_ffff_ffff, 12),
        ].joined(separator: "-")
    }
}
