import CJansson

/// A JSON value: immutable, cheap to copy, safe to share between threads.
///
/// It is a view into a tree that jansson parsed or that was built of other values; looking at a child costs neither an
/// allocation nor a conversion. The tree lives as long as any view into it, so a small value that is to be kept for
/// long should be ``detached()`` from a large document.
///
/// If jansson cannot be opened, values read as null and parsing throws the reason; ``load()`` tells it before anything
/// else happens. If there is no memory to make a value, it reads as null and ``isLost``, and so does whatever it becomes a
/// part of: who gives a value away looks at that, and nobody has to before.
// Sendable by what it points to: a tree is written to only while it is being built, by the one function that does so,
// before a `JSON` of it exists; afterwards it is read only, which jansson allows from any number of threads, and jansson
// counts references atomically.
package struct JSON: @unchecked Sendable {
    /// Keeps `value` alive. Without one, `value` is one of jansson's static values or absent.
    let tree: Tree?
    /// The value itself; nil is null.
    private let value: OpaquePointer?

    /// A view of `value`, which belongs to `tree`.
    init(tree: Tree?, value: OpaquePointer?) {
        self.tree = tree
        self.value = value
    }

    /// Takes over the caller's reference to `value`.
    init(owning value: OpaquePointer?) {
        self.init(tree: value.map(Tree.init(owning:)), value: value)
    }

    /// The one way to the pointer: the tree cannot go away while `body` runs.
    @inline(__always)
    func read<Result>(_ body: (OpaquePointer?) -> Result) -> Result {
        withExtendedLifetime(tree) { body(value) }
    }

    /// One reference to the root of a tree.
    final class Tree {
        private let root: OpaquePointer

        init(owning root: OpaquePointer) {
            self.root = root
        }

        deinit {
            cjansson_decref(root)
        }
    }
}

extension JSON {
    /// jansson is missing or too old.
    package struct LibraryUnavailable: Error, CustomStringConvertible {
        /// What is wrong, and which package to install if that helps.
        package let description: String
        /// What the system is out of, as an errno; 0 if that is not the reason.
        package let shortage: Int32
    }

    /// Opens jansson, so that its absence is noticed here. Returns at once if it is open already. Any thread.
    package static func load() throws(LibraryUnavailable) {
        let error: LibraryUnavailable? = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let status = cjansson_load(start, buffer.count)
            return status == 0 ? nil : LibraryUnavailable(description: String(cString: start), shortage: max(status, 0))
        }
        if let error { throw error }
    }

    /// There was no memory to do something with a value.
    package struct OutOfMemory: Error {}

    /// What there was no memory for.
    package static var lost: JSON { JSON(tree: nil, value: cjansson_lost()) }

    /// There was no memory to make it, or a part of it.
    package var isLost: Bool { read(cjansson_is_lost) }
}

extension JSON: Equatable {
    /// Same kind, same content. The order of members does not matter; `1` and `1.0` are different.
    package static func == (a: JSON, b: JSON) -> Bool {
        a.read { left in b.read { right in left == right || cjansson_equal(left, right) } }
    }
}
