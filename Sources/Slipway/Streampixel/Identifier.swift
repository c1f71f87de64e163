/// An id that goes into a path or a body: checked before anything is sent, since services do odd things with odd ones.
enum Identifier {
    static func check(_ id: String?, _ field: String) throws(Failure) -> String {
        guard let id, !id.isEmpty else {
            throw Failure(.invalidArgument, "\(field) is missing", hint: "Set \(field) in the request: the id that the service gave.")
        }
        let allowed = id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        // "." and ".." would be steps in a path.
        guard allowed, id.utf8.count <= 128, id != ".", id != ".." else {
            throw Failure(.invalidArgument, "\(field) is not an id", hint: "An id has 1 to 128 of the characters A-Z a-z 0-9 . _ -")
        }
        return id
    }
}
