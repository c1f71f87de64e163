internal import CSlipway
internal import Slipway

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A call that is malformed: nothing starts.
struct Refusal: Error {
    let status: Status
    let text: String

    init(_ status: Status, _ text: String) {
        self.status = status
        self.text = text
    }
}

/// A struct that a host passes in: its first member says how large the host thinks it is.
enum HostStruct {
    /// Larger ones come from nowhere: reading their tails would follow a wild number.
    private static let maxSize = 4096

    /// A copy in which everything that the host's version of the struct does not have is zero. Never reads beyond what the host says.
    static func read<Value>(_ pointer: UnsafePointer<Value>?, _ name: StaticString) throws(Refusal) -> Value {
        guard let pointer else { throw Refusal(.invalidArgument, "\(name) is NULL") }
        let source = UnsafeRawPointer(pointer)
        let size = Int(source.loadUnaligned(as: UInt32.self))
        // Whole words, so that no pointer is cut in two.
        guard size >= 8, size <= maxSize, size.isMultiple(of: MemoryLayout<Value>.alignment) else {
            throw Refusal(.invalidArgument, "\(name)->struct_size is \(size): start from the INIT macro")
        }
        let known = MemoryLayout<Value>.size
        if size > known {
            for offset in known..<size where source.load(fromByteOffset: offset, as: UInt8.self) != 0 {
                throw Refusal(.unsupportedOption, "\(name) sets an option that this version of Slipway does not know")
            }
        }
        return withUnsafeTemporaryAllocation(byteCount: known, alignment: MemoryLayout<Value>.alignment) { copy in
            copy.initializeMemory(as: UInt8.self, repeating: 0)
            copy.copyMemory(from: UnsafeRawBufferPointer(start: source, count: min(size, known)))
            return copy.load(as: Value.self)
        }
    }

    /// What the init functions do.
    static func initialize(_ pointer: UnsafeMutableRawPointer?, _ size: UInt32) -> slipway_status {
        guard let pointer, size >= 4, size <= maxSize else { return Status.invalidArgument.rawValue }
        memset(pointer, 0, Int(size))
        pointer.storeBytes(of: size, as: UInt32.self)
        return Status.ok.rawValue
    }

    /// The elements of an array that the host says is so long.
    static func array<Element>(_ pointer: UnsafePointer<Element>?, _ count: Int, limit: Int, _ name: StaticString) throws(Refusal)
        -> UnsafeBufferPointer<Element>
    {
        // A size_t beyond Int arrives as a negative number.
        guard count >= 0, count <= limit else { throw Refusal(.invalidArgument, "\(name) has more than \(limit) elements") }
        guard count > 0 else { return UnsafeBufferPointer(start: nil, count: 0) }
        guard let pointer else { throw Refusal(.invalidArgument, "\(name) is NULL") }
        return UnsafeBufferPointer(start: pointer, count: count)
    }

    /// Copies of texts; nil for each NULL.
    static func texts(_ pointer: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int, limit: Int, _ name: StaticString) throws(Refusal)
        -> [String?]
    {
        try array(pointer, count, limit: limit, name).map { text throws(Refusal) in try Self.text(text, name) }
    }

    /// A copy of a text; nil for NULL.
    static func text(_ pointer: UnsafePointer<CChar>?, _ name: StaticString) throws(Refusal) -> String? {
        guard let pointer else { return nil }
        let length = strnlen(pointer, 65_537)
        guard length <= 65_536 else { throw Refusal(.invalidArgument, "\(name) is longer than 64 KB") }
        let bytes = UnsafeRawBufferPointer(start: pointer, count: length)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Refusal(.invalidArgument, "\(name) is not valid UTF-8") }
        return text
    }
}
