#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The system is out of something that it may have again a moment later. Of several: which of them it is cannot be told.
package struct Shortage: OptionSet, Error {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let memory = Shortage(rawValue: 1)
    package static let descriptors = Shortage(rawValue: 2)
    package static let threads = Shortage(rawValue: 4)
    /// The system says the same whether the limit of threads is reached or there is no room for the stack of one.
    package static let oneMoreThread: Shortage = [.memory, .threads]

    /// Nil: that number means something else.
    package init?(errno number: Int32) {
        switch number {
        case ENOMEM, ENOBUFS: self = .memory
        case EMFILE, ENFILE: self = .descriptors
        default: return nil
        }
    }

    private static let all: [(resource: Shortage, name: String, hint: String)] = [
        (.memory, "memory", "Free memory, or give the process more."),
        (.descriptors, "descriptors", "Raise the limit of open files (ulimit -n)."),
        (.threads, "threads", "Raise the limit of threads (ulimit -u)."),
    ]

    private var parts: [(resource: Shortage, name: String, hint: String)] { Self.all.filter { contains($0.resource) } }

    /// "the system is out of descriptors"
    package var text: String { "the system is out of \(parts.map(\.name).joined(separator: " or "))" }

    /// What to do about it.
    package var hint: String { parts.map(\.hint).joined(separator: " ") }
}
