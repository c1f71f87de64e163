extension StorageDirectory {
    /// Where a key is, as steps from the root on.
    struct Place {
        let folders: [String]
        /// The file's.
        let name: String

        /// Throws when it could not be there, or would lead out of the root.
        init(_ key: S3Key) throws(Failure) {
            var steps = try Self.steps(key.text)
            name = steps.removeLast()
            folders = steps
            guard HiddenName(name) == nil else {
                throw Failure(
                    .invalidArgument, "the key \(key.text) ends in a name that copies which are not whole yet have",
                    hint: "Give another key.")
            }
        }

        /// At least one.
        static func steps(_ path: String) throws(Failure) -> [String] {
            let steps = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
            for step in steps {
                guard !step.isEmpty else {
                    throw refusal(
                        path, "has an empty step", "In a directory every step between slashes, and behind the last one, is a name.")
                }
                guard step != ".", step != ".." else {
                    throw refusal(path, "has . or .. as a step", "Leave such steps out: they would lead elsewhere.")
                }
                guard !step.utf8.contains(0) else { throw refusal("", "holds a zero byte", "Leave it out.") }
                guard step.utf8.count <= HiddenName.maxSize else {
                    throw refusal(path, "has a step of \(step.utf8.count) bytes", "File systems take names of 255 bytes at most.")
                }
            }
            return steps
        }

        private static func refusal(_ path: String, _ what: String, _ hint: String) -> Failure {
            Failure(.invalidArgument, path.isEmpty ? "the key \(what)" : "the key \(path) \(what)", hint: hint)
        }
    }
}
