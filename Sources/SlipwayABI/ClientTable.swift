internal import CSlipway
internal import CSystem
internal import Slipway
internal import SlipwayHTTP

/// What stands behind the handles that hosts hold. A handle is a number that is never used twice, so a stale or wild one is recognised instead of followed.
enum ClientTable {
    private struct State {
        var clients: [UInt: Client] = [:]
        var last = first
    }

    /// Where handles begin: unlike any address, small number or pattern that uninitialised memory holds, and elsewhere in each copy of the library that
    /// a process has, so that none follows another's. Their distance leaves room for typing errors.
    private static let first: UInt = {
        let page = UInt(bitPattern: csystem_own_address()) >> 12
        return UInt(0x5117) << (UInt.bitWidth - 16) | (page << 16) & (UInt.max >> 16)
    }()
    private static let step: UInt = 16
    private static let state = Monitor(State())

    /// A handle for a client that is about to be created.
    static func reserve() -> UInt {
        state.withLock { state in
            state.last += step
            return state.last
        }
    }

    static func add(_ client: Client, _ handle: UInt) { state.withLock { $0.clients[handle] = client } }

    static func remove(_ handle: UInt) { _ = state.withLock { $0.clients.removeValue(forKey: handle) } }

    /// The client, or the status to answer: CLOSED for one that is gone, INVALID_ARGUMENT for what never was a handle.
    static func find(_ pointer: OpaquePointer?) throws(Refusal) -> Client {
        let handle = UInt(bitPattern: pointer)
        let (client, last) = state.withLock { ($0.clients[handle], $0.last) }
        if let client { return client }
        guard handle > first, handle <= last, (handle - first).isMultiple(of: step) else {
            throw Refusal(.invalidArgument, pointer == nil ? "client is NULL" : "client is not a handle of slipway_client_create")
        }
        throw Refusal(.closed, "the client was closed")
    }
}
