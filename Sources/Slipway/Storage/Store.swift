/// A file to store as an object.
package struct Store: Sendable {
    package var storage = Storage()
    package var filePath: String?
    /// Below the storage's prefix. Nil: the file's name.
    package var key: String?
    package var metadata: [(name: String, value: String)] = []
    /// Also what is there already.
    package var sendsAlways = false
    package var skipsURLCheck = false

    package init() {}

    /// The name of the object, when the host gives none.
    func name(_ path: String) -> String {
        if let key, !key.isEmpty { return key }
        return path.split(separator: "/").last.map(String.init) ?? ""
    }
}
