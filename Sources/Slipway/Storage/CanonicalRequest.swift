/// A request in the one form that both sides compute the signature from.
///
/// As S3 wants it: the path is encoded once and its dots stay, unlike with all other services of AWS.
struct CanonicalRequest: Sendable {
    let text: String
    /// The names of the headers that are part of it: "host;x-amz-date".
    let signedHeaders: String

    /// `headers` without the host, which comes from the resource.
    init(method: String, _ resource: S3Resource, headers: [HeaderField], payload: String) {
        var values = ["host": [resource.host]]
        for header in headers { values[header.name.lowercased(), default: []].append(header.canonicalValue) }
        let names = values.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        signedHeaders = names.joined(separator: ";")
        let lines = names.map { "\($0):\((values[$0] ?? []).joined(separator: ","))\n" }
        text = "\(method)\n\(resource.path)\n\(resource.query.canonical)\n\(lines.joined())\n\(signedHeaders)\n\(payload)"
    }
}
