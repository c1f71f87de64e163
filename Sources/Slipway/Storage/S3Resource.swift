/// What a request is about: where it goes, and exactly how that is written, since the signature covers it.
package struct S3Resource: Sendable, Equatable {
    /// "https" or "http".
    package let scheme: String
    /// As the Host header has it: in lower case, with the port unless that is the scheme's own.
    package let host: String
    /// Percent-encoded. It is signed as it is, and must be sent as it is.
    package let path: String
    package var query: [QueryItem] = []

    package var isSecure: Bool { scheme == "https" }

    /// With its query, if there is one.
    package var url: String { query.isEmpty ? "\(scheme)://\(host)\(path)" : "\(scheme)://\(host)\(path)?\(query.encoded)" }
}
