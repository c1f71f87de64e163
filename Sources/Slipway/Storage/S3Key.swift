internal import SlipwayHTTP

/// The name of an object in its bucket.
package struct S3Key: Sendable, Equatable {
    package static let maxSize = 1024

    package let text: String

    /// One that the storage itself has named: taken as it is.
    package init(existing text: String) { self.text = text }

    /// One for a new object: `name` under `prefix`, with one slash in between. Throws when S3 would not take it, or when the object could not be
    /// read through a plain link: every client of HTTP takes steps with dots out of a path.
    package init(_ name: String, prefix: String = "") throws(Failure) {
        text = prefix.isEmpty || prefix.utf8.last == UInt8(ascii: "/") ? prefix + name : "\(prefix)/\(name)"
        guard !name.isEmpty else { throw Self.refusal("is empty", "Name the object, such as builds/MyGame-1.0.zip.") }
        guard text.utf8.count <= Self.maxSize else {
            throw Self.refusal(
                "has \(text.utf8.count) bytes", "With the prefix it may have at most 1,024 bytes in UTF-8: shorten one of them.")
        }
        guard text.utf8.first != UInt8(ascii: "/") else {
            throw Self.refusal("begins with a slash", "Leave the slash out: the storage would make a folder without a name of it.")
        }
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw Self.refusal("holds a control character", "Leave control characters out: the storage could not even list such a key.")
        }
        let steps = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard !steps.contains(where: { $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) }) else {
            throw Self.refusal("has a step \".\" or \"..\"", "Leave such steps out: a link to the object would lead elsewhere.")
        }
    }

    /// For a URL: everything but A-Z a-z 0-9 - . _ ~ and the slash.
    package var encoded: String {
        text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
            URL.encode(String(decoding: $0, as: UTF8.self))
        }
        .joined(separator: "/")
    }

    private static func refusal(_ what: String, _ hint: String) -> Failure {
        Failure(.invalidArgument, "the object's key \(what)", hint: hint)
    }
}
