/// One request, complete.
struct Request: Sendable {
    /// Upper case, as sent.
    let method: String
    /// The request target as sent, with the query, not decoded.
    let target: String
    /// The target's path as sent, not decoded.
    let path: String
    /// The query's members in their order, decoded.
    let query: [(name: String, value: String)]
    /// The headers in their order, names as sent.
    let headers: [(name: String, value: String)]
    let body: [UInt8]
    /// The body was larger than `Server.bodyLimit`; `body` holds its beginning.
    let bodyIsTooLarge: Bool
    /// The parts of a multipart/form-data body, for the routes that take one; `body` holds its beginning all the same.
    private(set) var form: MultipartForm?
    /// Numbers the connections of this process.
    let connection: Int
    /// Came over TLS.
    let isSecure: Bool

    init(
        method: String, target: String, headers: [(name: String, value: String)], body: [UInt8], bodyIsTooLarge: Bool,
        form: MultipartForm? = nil, connection: Int, isSecure: Bool
    ) {
        self.method = method
        self.target = target
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(parts.first ?? "")
        query = parts.dropFirst().first.map(Self.members) ?? []
        self.headers = headers
        self.body = body
        self.bodyIsTooLarge = bodyIsTooLarge
        self.form = form
        self.connection = connection
        self.isSecure = isSecure
    }

    /// Itself without the files that came with it, which live as long as somebody holds them.
    var withoutForm: Request {
        var request = self
        request.form = nil
        return request
    }

    /// The first member of the query with that name.
    func query(_ name: String) -> String? {
        query.first { $0.name == name }?.value
    }

    /// The first header with that name, in whatever case.
    func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name.lowercased() == name }?.value
    }

    /// The members of a query, or of a form that is written as one.
    static func members(_ query: Substring) -> [(name: String, value: String)] {
        query.split(separator: "&").map { member in
            let parts = member.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let decoded = parts.map { PercentEncoding.decoded($0, plusIsSpace: true) }
            return (decoded.first ?? "", decoded.dropFirst().first ?? "")
        }
    }
}
