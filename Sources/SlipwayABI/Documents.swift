internal import CSlipway
internal import CSystem
internal import SlipwayHTTP
internal import SlipwayJSON

/// The answers that are being delivered right now. A result names its answer by a number, so that a result that was kept for too long reads as
/// nothing instead of as freed memory.
enum Documents {
    /// An answer, and the texts of it that the host has asked for: they live as long as it does.
    private struct Document {
        let answer: JSON
        var texts: [UnsafeMutablePointer<CChar>] = []
    }

    private struct State {
        var documents: [UInt: Document] = [:]
        var last: UInt = 0
    }

    private static let state = Monitor(State())

    static func add(_ answer: JSON) -> UInt {
        state.withLock { state in
            state.last &+= 1
            state.documents[state.last] = Document(answer: answer)
            return state.last
        }
    }

    static func remove(_ number: UInt) {
        let document = state.withLock { $0.documents.removeValue(forKey: number) }
        for text in document?.texts ?? [] { text.deallocate() }
    }

    /// What a JSON Pointer leads to in the answer of a result.
    static func value(_ result: UnsafePointer<slipway_result>?, _ pointer: UnsafePointer<CChar>?) -> JSON? {
        guard !csystem_is_forked(), let result, let text = try? HostStruct.text(pointer, "pointer") else { return nil }
        let number = UInt(bitPattern: result.pointee.document)
        return state.withLock { $0.documents[number]?.answer }?.at(pointer: text)
    }

    /// The same as JSON text.
    static func text(_ result: UnsafePointer<slipway_result>?, _ pointer: UnsafePointer<CChar>?) -> UnsafePointer<CChar>? {
        value(result, pointer).flatMap { try? $0.encoded() }.flatMap { keep($0, for: result) }
    }

    /// The name of an object's member.
    static func name(_ result: UnsafePointer<slipway_result>?, _ pointer: UnsafePointer<CChar>?, _ index: Int) -> UnsafePointer<CChar>? {
        guard let members = value(result, pointer)?.members, members.indices.contains(index) else { return nil }
        return keep(Array(members[index].key.utf8), for: result)
    }

    /// A text that lives until the document is removed.
    private static func keep(_ bytes: [UInt8], for result: UnsafePointer<slipway_result>?) -> UnsafePointer<CChar>? {
        guard let result else { return nil }
        let text = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
        for (index, byte) in bytes.enumerated() { text[index] = CChar(bitPattern: byte) }
        text[bytes.count] = 0
        let isKept = state.withLock { $0.documents[UInt(bitPattern: result.pointee.document)]?.texts.append(text) != nil }
        guard isKept else {
            text.deallocate()
            return nil
        }
        return UnsafePointer(text)
    }
}
