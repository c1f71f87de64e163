internal import CSystem
internal import SlipwayJSON
import Synchronization

/// What must not leave the library, and the one place that takes it out of texts: log lines, messages, hints and the services' own documents.
///
/// Three things are secret: the texts that it is made with (keys, passwords), the query of any URL, and the user part of any URL.
package struct Redaction: Sendable {
    package static let mark = "[redacted]"

    // As bytes: texts are searched byte by byte, which no Unicode normalisation can fool. Longest first, so that a secret that
    // contains another one goes as a whole.
    private let secrets: [[UInt8]]
    /// Those that turned up later, such as the key that a login gave: shared by all copies. Nil when there can be none.
    private let learned: Learned?

    /// Texts under four bytes are not taken: their removal would garble everything and hide nothing.
    package init(secrets: [String] = [], learns: Bool = false) {
        self.secrets = Self.needles(secrets)
        learned = learns ? Learned() : nil
    }

    /// From now on this one is taken out as well, by every copy of this value. Any thread.
    package func learn(_ secret: String) { learned?.add(Self.needles([secret])) }

    private var all: [[UInt8]] {
        guard let learned = learned?.needles else { return secrets }
        return (secrets + learned).sorted { $0.count > $1.count }
    }

    private final class Learned: Sendable {
        private let list = Monitor<[[UInt8]]>([])
        /// Most clients never learn one, and look here for every answer.
        private let isEmpty = Atomic(true)

        func add(_ needles: [[UInt8]]) {
            list.withLock { list in
                // A key that is replaced again and again must not make every search longer for ever.
                if list.count > 256 { list.removeFirst(list.count - 256) }
                list += needles.filter { !list.contains($0) }
            }
            isEmpty.store(false, ordering: .releasing)
        }

        /// Nil: none.
        var needles: [[UInt8]]? { isEmpty.load(ordering: .acquiring) ? nil : list.withLock { $0 } }
    }

    private static func needles(_ secrets: [String]) -> [[UInt8]] {
        Set(secrets.filter { $0.utf8.count >= 4 }.flatMap { spellings($0) }).map { Array($0.utf8) }.sorted { $0.count > $1.count }
    }

    /// As it is, as a URL holds it, and as JSON writes it, with slashes as they are or escaped.
    private static func spellings(_ secret: String) -> [String] {
        let json = String(decoding: secret.asJSON.dropFirst().dropLast(), as: UTF8.self)
        return [secret, URL.encode(secret), json, json.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "\\/")]
    }

    package func callAsFunction(_ text: String) -> String {
        var text = text
        let isClean = text.withUTF8 { !holdsSecret($0) }
        return isClean ? text : String(decoding: redacted(Array(text.utf8)), as: UTF8.self)
    }

    /// Whether anything would be taken out. Cheap: most answers hold neither a key nor a URL with a query.
    package func holdsSecret(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        Self.schemeEnds.contains { Self.find($0, in: bytes) } || holdsKey(bytes)
    }

    func holdsKey(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        for secret in secrets where Self.find(secret, in: bytes) { return true }
        return learned?.needles?.contains { Self.find($0, in: bytes) } ?? false
    }

    private func redacted(_ bytes: [UInt8]) -> [UInt8] { Self.withoutURLSecrets(withoutKeys(bytes)) }

    private func withoutKeys(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.withUnsafeBufferPointer(holdsKey) else { return bytes }
        let secrets = all
        var out: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if let secret = secrets.first(where: { bytes[index...].starts(with: $0) }) {
                out += Array(Self.mark.utf8)
                index += secret.count
            } else {
                out.append(bytes[index])
                index += 1
            }
        }
        return out
    }

    /// Copies all but the user parts and the queries of URLs.
    private static func withoutURLSecrets(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var index = 0
        /// Of the URL that was met last, and of those within it.
        var end = 0
        while index < bytes.count {
            if let marker = schemeEnd(bytes[index...]) {
                out += marker
                let start = index + marker.count
                if end < start { end = bytes[start...].firstIndex(where: endsURL) ?? bytes.count }
                index = copyURL(bytes, start..<end, to: &out)
            } else {
                out.append(bytes[index])
                index += 1
            }
        }
        return out
    }

    /// Copies what follows "://" up to the end of the URL, or to another URL within it. Returns where that is.
    private static func copyURL(_ bytes: [UInt8], _ range: Range<Int>, to out: inout [UInt8]) -> Int {
        let end = range.upperBound
        let authorityEnd = bytes[range].firstIndex { "/?#\\".utf8.contains($0) } ?? end
        var index = range.lowerBound
        if let at = bytes[index..<authorityEnd].lastIndex(of: UInt8(ascii: "@")) {
            out += Array(mark.utf8)
            index = at
        }
        while index < end, schemeEnd(bytes[index...]) == nil {
            if bytes[index] == UInt8(ascii: "?") {
                out += Array("?\(mark)".utf8)
                return end
            }
            out.append(bytes[index])
            index += 1
        }
        return index
    }

    /// "://" as it is, and as some write it in JSON.
    private static let schemeEnds = [Array("://".utf8), Array(":\\/\\/".utf8)]

    private static func schemeEnd(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        guard bytes.first == UInt8(ascii: ":") else { return nil }
        return schemeEnds.first { bytes.starts(with: $0) }
    }

    /// A backslash does not: in JSON it may stand for a part of the URL.
    private static func endsURL(_ byte: UInt8) -> Bool { byte <= 0x20 || byte == 0x7F || "\"<>".utf8.contains(byte) }

    static func find(_ needle: [UInt8], in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let haystack = bytes.baseAddress else { return false }
        return needle.withUnsafeBytes { needle in
            guard let start = needle.baseAddress else { return false }
            return csystem_memmem(haystack, bytes.count, start, needle.count) != nil
        }
    }
}
