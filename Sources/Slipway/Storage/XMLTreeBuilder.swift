/// Puts the tree together while expat walks through the text.
final class XMLTreeBuilder {
    private struct OpenElement {
        let name: String
        var text: [UInt8] = []
        var children: [XMLElement] = []
    }

    private var open: [OpenElement] = []
    private(set) var root: XMLElement?

    /// The builder behind a callback's user data.
    static func of(_ pointer: UnsafeMutableRawPointer?) -> XMLTreeBuilder? {
        pointer.map { Unmanaged<XMLTreeBuilder>.fromOpaque($0).takeUnretainedValue() }
    }

    func start(_ name: UnsafePointer<CChar>?) -> Bool {
        guard let name else { return false }
        let whole = String(cString: name)
        let local = whole.utf8.lastIndex(of: UInt8(ascii: ":")).map { String(whole[whole.index(after: $0)...]) }
        open.append(OpenElement(name: local ?? whole))
        return true
    }

    func append(_ bytes: UnsafePointer<CChar>?, _ size: Int) -> Bool {
        guard !open.isEmpty else { return true }
        open[open.count - 1].text += UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : size)
        return true
    }

    func end() -> Bool {
        guard let last = open.popLast() else { return false }
        let isLayout = !last.children.isEmpty && last.text.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let element = XMLElement(
            name: last.name, text: isLayout ? "" : String(decoding: last.text, as: UTF8.self), children: last.children)
        if open.isEmpty { root = element } else { open[open.count - 1].children.append(element) }
        return true
    }
}
