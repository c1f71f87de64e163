/// The path of an entry, byte by byte as stored. Both slashes separate, as some Windows tools write backslashes.
struct EntryPath {
    /// Why it should not be unpacked. Windows, where builds are made and run, can have no such path.
    enum Trick: String {
        case nameless = "has no name"
        case absolute = "is an absolute path"
        case colon = "has a colon, as a drive letter has"
        case control = "has a control character"
        case parent = "leads out of the package"
    }

    let trick: Trick?
    /// How many folders it is in.
    let folders: Int
    /// Its last part.
    let name: ArraySlice<UInt8>
    /// It ends with a slash.
    let isFolder: Bool
    /// It is in a folder Engine.
    let isInEngine: Bool
    /// It is in a folder Content/Paks.
    let isInPaks: Bool

    init(_ bytes: ArraySlice<UInt8>) {
        var (leadsOut, isInEngine, isInPaks) = (false, false, false)
        var last: ArraySlice<UInt8> = []
        var parts = 0
        var rest = bytes
        while !rest.isEmpty {
            let part = rest.prefix { !Self.isSeparator($0) }
            let isFolder = part.count < rest.count
            rest = rest.dropFirst(part.count + 1)
            if Self.isIdle(part) { continue }
            leadsOut = leadsOut || Self.isParent(part)
            if isFolder && part.isText("engine") { isInEngine = true }
            if isFolder && part.isText("paks") && last.isText("content") { isInPaks = true }
            last = part
            parts += 1
        }
        name = last
        folders = max(0, parts - 1)
        isFolder = bytes.last.map(Self.isSeparator) ?? false
        self.isInEngine = isInEngine
        self.isInPaks = isInPaks
        trick = Self.trick(bytes, leadsOut: leadsOut)
    }

    private static func trick(_ bytes: ArraySlice<UInt8>, leadsOut: Bool) -> Trick? {
        guard let first = bytes.first else { return .nameless }
        if isSeparator(first) { return .absolute }
        if leadsOut { return .parent }
        if bytes.contains(UInt8(ascii: ":")) { return .colon }
        return bytes.contains { $0 < 0x20 } ? .control : nil
    }

    static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    static func isSeparator(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\") }

    /// Leads nowhere: "" or ".".
    static func isIdle(_ part: ArraySlice<UInt8>) -> Bool { part.isEmpty || part.count == 1 && part.first == UInt8(ascii: ".") }

    /// "..", also with more dots and spaces, which Windows drops from the end of a name.
    private static func isParent(_ part: ArraySlice<UInt8>) -> Bool {
        guard part.first == UInt8(ascii: "."), part.dropFirst().contains(UInt8(ascii: ".")) else { return false }
        return part.allSatisfy { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: " ") }
    }

    /// A program that a player would start: not one of those that the engine brings along, which some packages have next to it.
    var isProgram: Bool {
        guard !isFolder, trick == nil, name.count > 4, name.endsWith(".exe") else { return false }
        return !Self.helpers.contains { name.beginsWith($0) }
    }

    private static let helpers: [StaticString] = [
        "crashreportclient", "ueprereqsetup", "ue4prereqsetup", "unrealcefsubprocess", "epicwebhelper",
        // Not a program at all: what macOS writes for each file that it packs.
        "._",
    ]

    var isProject: Bool { !isFolder && name.endsWith(".uproject") }

    /// A container of cooked content.
    var isContainer: Bool { !isFolder && (name.endsWith(".pak") || name.endsWith(".ucas") || name.endsWith(".utoc")) }
}

// Names of Windows: the case of letters does not matter. `text` is in lower case.
extension ArraySlice<UInt8> {
    fileprivate func isText(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { text in
            count == text.count && elementsEqual(text) { byte, letter in EntryPath.lowercased(byte) == letter }
        }
    }

    fileprivate func beginsWith(_ text: StaticString) -> Bool { prefix(text.utf8CodeUnitCount).isText(text) }

    fileprivate func endsWith(_ text: StaticString) -> Bool { suffix(text.utf8CodeUnitCount).isText(text) }
}
