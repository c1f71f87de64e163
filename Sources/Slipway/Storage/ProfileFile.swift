internal import CSystem

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A file of sections with "key = value" lines, as AWS's tools read it.
struct ProfileFile {
    private var sections: [String: [String: String]] = [:]

    /// What is larger is not what it should be.
    static let maxSize = 1 << 20

    /// Every text is a file: lines that say nothing are passed over. Sections with the same name are one; of equal keys the last one counts.
    init(parsing bytes: [UInt8]) {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = String(decoding: bytes.dropFirst(bytes.starts(with: mark) ? mark.count : 0), as: UTF8.self)
        var section: String?
        // Lines that are further in than the key before them belong to its value, and nothing here has such values.
        var indent = Int.max
        for line in text.utf8.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let content = Self.trimmed(line)
            guard let first = content.utf8.first, !"#;".utf8.contains(first) else { continue }
            if first == UInt8(ascii: "[") {
                section = Self.sectionName(content)
                if let section, sections[section] == nil { sections[section] = [:] }
                indent = .max
                continue
            }
            let lead = line.prefix(while: Self.isSpace).count
            guard let section, lead <= indent, let (key, value) = Self.property(content) else { continue }
            indent = lead
            sections[section, default: [:]][key] = value
        }
    }

    /// Nil if there is no such section. Names in quotation marks count without them.
    func section(_ name: String) -> [String: String]? { sections[name] }

    /// Nil if there is no such file. Throws when there is one that cannot be read.
    static func at(_ path: String) throws(Failure) -> ProfileFile? {
        // How many say that there is none.
        if path == "/dev/null" { return nil }
        // Something that is no file, such as a pipe, must not keep the caller waiting.
        let file = csystem_beyond_standard(open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC))
        guard file >= 0 else {
            let code = errno
            if code == ENOENT || code == ENOTDIR { return nil }
            throw unreadable(path, String(systemError: code))
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw unreadable(path, "it is not a file") }
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16 << 10)
        while text.count <= maxSize {
            let size = piece.count
            let count = piece.withUnsafeMutableBytes { read(file, $0.baseAddress, size) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path, String(systemError: errno)) }
            if count == 0 { return ProfileFile(parsing: text) }
            text += piece.prefix(count)
        }
        throw unreadable(path, "it has more than 1 MB")
    }

    private static func unreadable(_ path: String, _ why: String) -> Failure {
        Failure(
            .invalidArgument, "\(path) cannot be read: \(why)",
            hint: "Check AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE and the permissions.")
    }

    /// `[name]`, `[profile name]`, `[profile "name with spaces"]`: the words with one space in between.
    private static func sectionName(_ line: String) -> String? {
        guard let end = line.utf8.lastIndex(of: UInt8(ascii: "]")) else { return nil }
        let words = line.utf8[..<end].dropFirst().split(whereSeparator: isSpace)
        let name = words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
        return String(name.filter { $0 != "\"" && $0 != "'" })
    }

    private static func property(_ line: String) -> (key: String, value: String)? {
        guard let equals = line.utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let key = trimmed(line.utf8[..<equals]).lowercased()
        let value = trimmed(withoutComment(line.utf8[line.utf8.index(after: equals)...]))
        return key.isEmpty || value.isEmpty ? nil : (key, value)
    }

    /// A # or ; behind white space begins one.
    private static func withoutComment(_ value: Substring.UTF8View) -> Substring.UTF8View {
        var wasSpace = true
        for index in value.indices {
            if wasSpace && "#;".utf8.contains(value[index]) { return value[..<index] }
            wasSpace = isSpace(value[index])
        }
        return value
    }

    private static func trimmed(_ bytes: Substring.UTF8View) -> String {
        guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
