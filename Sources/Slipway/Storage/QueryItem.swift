internal import SlipwayHTTP

/// One part of a URL's query, as it is meant: encoded only when it is written.
package struct QueryItem: Sendable, Equatable {
    package let name: String
    /// Nil for a bare word such as "uploads", which names a sub-resource.
    package let value: String?

    package init(_ name: String, _ value: String? = nil) {
        self.name = name
        self.value = value
    }

    /// For a URL.
    var encoded: String { value.map { "\(URL.encode(name))=\(URL.encode($0))" } ?? URL.encode(name) }
}

extension [QueryItem] {
    /// For a URL, in the order that they have.
    var encoded: String { map(\.encoded).joined(separator: "&") }

    /// For a signature: sorted by the bytes of the encoded names, then of the encoded values; a bare word counts as one with an empty value.
    var canonical: String {
        map { (name: Array<UInt8>(URL.encode($0.name).utf8), value: Array<UInt8>(URL.encode($0.value ?? "").utf8)) }
            .sorted { $0.name == $1.name ? $0.value.lexicographicallyPrecedes($1.value) : $0.name.lexicographicallyPrecedes($1.name) }
            .map { String(decoding: $0.name + [UInt8(ascii: "=")] + $0.value, as: UTF8.self) }
            .joined(separator: "&")
    }
}
