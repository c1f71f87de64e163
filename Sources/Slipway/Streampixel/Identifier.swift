/// An id that goes into a path or a body: checked before anything is sent, since services do odd things with odd ones.
enum Identifier {
    static func check(_ id: String?, _ field: @autoclosure () -> String) throws(Failure) -> String {
        guard let id, !id.isEmpty else {
            throw Failure(.invalidArgument, "\(field()) is missing", hint: "Set \(field()) in the request: the id that the service gave.")
        }
        var text = id
        let allowed = text.withUTF8 { bytes in bytes.allSatisfy { isAllowed[Int($0)] } }
        // "." and ".." would be steps in a path.
        guard allowed, id.utf8.count <= 128, id != ".", id != ".." else {
            throw Failure(.invalidArgument, "\(field()) is not an id", hint: "An id has 1 to 128 of the characters A-Z a-z 0-9 . _ -")
        }
        return id
    }

    /// By byte.
    private static let isAllowed: [Bool] = {
        let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-".utf8)
        return (0...255).map { allowed.contains(UInt8($0)) }
    }()
}
