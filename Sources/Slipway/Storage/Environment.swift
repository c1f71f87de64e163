#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The environment's variables: the process's own, or others in its place. An empty one counts as not set.
struct Environment: Sendable {
    private let values: [String: String]?

    static let process = Environment(values: nil)

    init(_ values: [String: String]) { self.init(values: values) }

    private init(values: [String: String]?) { self.values = values }

    /// Nil when it is not set, or not text.
    subscript(_ name: String) -> String? {
        let value = values.map { $0[name] } ?? getenv(name).flatMap { String(validatingCString: $0) }
        return value.flatMap { $0.isEmpty ? nil : $0 }
    }
}
