/// Who may log in.
package struct EnterMediaUser: Sendable, Equatable {
    package let id: String
    package var password: String
    /// Whether more is allowed than to log in.
    package var mayUseAPI = true

    package init(id: String, password: String, mayUseAPI: Bool = true) {
        self.id = id
        self.password = password
        self.mayUseAPI = mayUseAPI
    }

    var email: String { "\(id)@example.test" }

    /// The key of this user with this password: the same in every run, another one for another password. It is opaque to clients, and it
    /// guards nothing here, so the hash (FNV-1a) only has to spread.
    var key: String {
        let digits = (0..<5).map { round in
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            for byte in "\(round)/\(id)/\(password)".utf8 {
                hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01b3
            }
            let text = String(hash >> 32, radix: 16)
            return String(repeating: "0", count: 8 - text.count) + text
        }
        return "\(id)md542\(digits.joined())"
    }
}
