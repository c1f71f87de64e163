/// One HTTP request, as a value.
package struct Request: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    package enum Redirects: Sendable {
        /// A redirect is an answer like any other.
        case report
        /// Method and body are repeated, at most five times, on the same host only and never from https to http.
        case sameHost
    }

    package var method: Method
    package var url: String
    /// "Name: value" each.
    package var headers: [String]
    package var body: [UInt8]?
    /// Sent instead of a body.
    package var form: Form?
    /// Sent instead of a body, with PUT.
    package var slice: FileSlice?
    /// Once it is sent, the server may be silent for ten idle timeouts: for answers that may take minutes. (Forms are so without being asked.)
    package var isPatient = false
    /// Dots in the path stay where they are: they are part of a name there, not a way to go.
    package var isPathAsIs = false
    package var redirects: Redirects = .sameHost
    /// An answer's body beyond it ends the transfer: what a service sends must not decide how much memory a host has left.
    package var bodyLimit = 8 << 20
    /// When the body reaches `bodyLimit` that is all that was wanted, not an error.
    package var stopsAtLimit = false
    /// Uses no connection that was used before: on such a one libcurl repeats a request by itself when the connection turns out to be dead,
    /// and whether the server had got it cannot be known. For requests that must not be sent twice.
    package var isOnlyOnce = false
    /// A redirect to a URL that ends so is an answer like any other, whatever `redirects` says.
    package var reportsRedirectTo: String?
    /// The answer's body holds a secret that is not known yet: it does not go into the log.
    package var hidesAnswer = false

    package init(_ method: Method, _ url: String, headers: [String] = [], body: [UInt8]? = nil) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// What of a file is its body, or part of it.
    var file: (SourceFile, Range<UInt64>)? { slice.map { ($0.file, $0.range) } ?? form.map { ($0.file, 0..<$0.file.size) } }
}

/// What came back: any status is a response.
package struct Response: Sendable {
    package var status: Int
    package var body: [UInt8]
    /// Headers of the last answer, a line each; none for a 200 to a request that follows redirects, unless it is a HEAD or sends a slice.
    package var head: [UInt8]

    package init(status: Int, body: [UInt8] = [], head: [UInt8] = []) {
        self.status = status
        self.body = body
        self.head = head
    }

    package var isSuccess: Bool { (200...299).contains(status) }

    /// The value of the first header with that name, in any case, without white space around it.
    package func header(_ name: String) -> String? {
        let wanted = Array(name.lowercased().utf8)
        for line in head.split(separator: UInt8(ascii: "\n")) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon - line.startIndex == wanted.count else { continue }
            guard zip(line, wanted).allSatisfy({ ($0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0) == $1 }) else { continue }
            let value = line[line.index(after: colon)...]
            let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D }
            guard let first = value.firstIndex(where: { !isSpace($0) }), let last = value.lastIndex(where: { !isSpace($0) }) else {
                return ""
            }
            return String(decoding: value[first...last], as: UTF8.self)
        }
        return nil
    }

    package var contentLength: UInt64? { header("content-length").flatMap { UInt64($0) } }
}

/// Why there is no response.
package struct TransferFailure: Error, Equatable {
    package enum Kind: Sendable, Equatable {
        /// No connection, or it broke, or it stalled.
        case network
        /// The handshake or the certificate.
        case tls
        /// A handshake, too: OpenSSL in this process lacks an algorithm, or random numbers.
        case ciphers
        /// The answer is not HTTP, too large, or an illegal redirect.
        case `protocol`
        /// The certificate file that the client was given cannot be used, or the like: repeating does not help.
        case setup
        case shortage(Shortage)
    }

    package var kind: Kind
    /// What happened, for a person: no URL in it.
    package var text: String
    /// Bytes of the request had left this machine: the server may have acted on it.
    package var wasSent: Bool
    /// Of the answer that is the reason, or 0.
    package var httpStatus: Int

    package init(_ kind: Kind, _ text: String, wasSent: Bool, httpStatus: Int = 0) {
        self.kind = kind
        self.text = text
        self.wasSent = wasSent
        self.httpStatus = httpStatus
    }

    package init(_ shortage: Shortage, wasSent: Bool = false, httpStatus: Int = 0) {
        self.init(.shortage(shortage), shortage.text, wasSent: wasSent, httpStatus: httpStatus)
    }

    /// It may pass.
    package var isRetriable: Bool {
        switch kind {
        case .network, .shortage: true
        case .tls, .ciphers, .protocol, .setup: false
        }
    }
}
