import SlipwayJSON
import Synchronization

/// The faults that are set. Any thread.
final class FaultList: Sendable {
    private struct Member {
        let id: Int
        let fault: Fault
        let document: JSON
        var toSkip: Int
        var hits = 0

        var isUsedUp: Bool { fault.count > 0 && hits >= fault.count }
    }

    private struct State {
        var lastID = 0
        var members: [Member] = []
    }

    private let state = Mutex(State())

    /// Sets a fault; `document` is what was asked for, to be shown again.
    func add(_ fault: Fault, document: JSON) -> Int {
        state.withLock { state in
            state.lastID += 1
            state.members.append(Member(id: state.lastID, fault: fault, document: document, toSkip: fault.skip))
            return state.lastID
        }
    }

    /// The fault of this request, if it gets one: the oldest that matches, is not used up, and has nothing left to skip.
    func take(for request: Request) -> (id: Int, fault: Fault)? {
        state.withLock { state in
            for index in state.members.indices where !state.members[index].isUsedUp && state.members[index].fault.matches(request) {
                if state.members[index].toSkip > 0 {
                    state.members[index].toSkip -= 1
                    continue
                }
                state.members[index].hits += 1
                return (state.members[index].id, state.members[index].fault)
            }
            return nil
        }
    }

    /// Removes one, or all. False if there is none with that id.
    func remove(id: Int?) -> Bool {
        state.withLock { state in
            let before = state.members.count
            state.members.removeAll { id == nil || $0.id == id }
            return id == nil || state.members.count < before
        }
    }

    /// Also those that are used up, so that a test can see that they were applied.
    var document: JSON {
        state.withLock { state in
            .array(
                state.members.map { member in
                    .object([
                        "id": .integer(member.id), "hits": .integer(member.hits), "isUsedUp": .bool(member.isUsedUp),
                        "fault": member.document,
                    ])
                })
        }
    }
}
