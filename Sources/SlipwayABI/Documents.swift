internal import CSlipway
internal import SlipwayJSON
import Synchronization

/// The answers that are being delivered right now. A result names its answer by a number, so that a result that was kept for too long reads as
/// nothing instead of as freed memory.
enum Documents {
    private struct State {
        var documents: [UInt: JSON] = [:]
        var last: UInt = 0
    }

    private static let state = Mutex(State())

    static func add(_ document: JSON) -> UInt {
        state.withLock { state in
            state.last &+= 1
            state.documents[state.last] = document
            return state.last
        }
    }

    static func remove(_ number: UInt) { _ = state.withLock { $0.documents.removeValue(forKey: number) } }

    /// What a JSON Pointer leads to in the answer of a result.
    static func value(_ result: UnsafePointer<slipway_result>?, _ pointer: UnsafePointer<CChar>?) -> JSON? {
        guard let result, let text = try? HostStruct.text(pointer, "pointer") else { return nil }
        let number = UInt(bitPattern: result.pointee.document)
        return state.withLock { $0.documents[number] }?.at(pointer: text)
    }
}
