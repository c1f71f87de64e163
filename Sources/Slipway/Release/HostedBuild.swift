/// A build that a release hosts: of one name, which nobody can guess and which ends in .zip.
enum HostedBuild {
    /// Of public links of EnterMedia servers, below their services.
    static let publishedPath = "distribution/published/"

    /// Of what a release goes on from when it is hosted in a bucket: as everybody writes the place of an object, percent-encoded.
    static let storageScheme = "s3://"

    /// Such as "MyGame-1.0-0f4c...9a.zip": what people see in a list, and 128 random bits.
    static func makeName(for path: String?) -> String {
        var stem = path?.split(separator: "/").last.map(String.init) ?? ""
        if stem.lowercased().hasSuffix(".zip") { stem.removeLast(4) }
        let plain = stem.unicodeScalars.map { isPlain($0) ? $0 : "-" }
        // A point at the start would hide it, or be a step in a path.
        let cut = plain.drop { $0 == "." || $0 == "-" }.prefix(64)
        return "\(String(String.UnicodeScalarView(cut)))\(cut.isEmpty ? "" : "-")\(UUID.makeHex()).zip"
    }

    /// The name in a link to a build that a release has hosted, on whatever EnterMedia server. Any other name may be somebody's channel, with builds of
    /// its own.
    static func name(in link: String?) -> String? {
        guard let link, let name = link.split(separator: "/").last.map(String.init), link.hasSuffix("/" + publishedPath + name) else {
            return nil
        }
        return isName(name) ? try? Identifier.check(name, "resume_from") : nil
    }

    /// The last step of a link's path, without what follows it.
    static func fileName(of link: String) -> String? { link.prefix { $0 != "?" && $0 != "#" }.split(separator: "/").last.map(String.init) }

    static func isName(_ name: String) -> Bool {
        guard name.hasSuffix(".zip") else { return false }
        let digits = name.utf8.dropLast(4).suffix(32)
        return digits.count == 32
            && digits.allSatisfy { ("0"..."9").contains(UnicodeScalar($0)) || ("a"..."f").contains(UnicodeScalar($0)) }
    }

    private static func isPlain(_ scalar: UnicodeScalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", ".", "_": true
        default: false
        }
    }
}
