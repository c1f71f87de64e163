import SlipwayJSON
import Synchronization

/// What the emulator received, for assertions. Any thread.
final class Journal: Sendable {
    private struct Entry {
        let id: Int
        let request: Request
        /// Milliseconds since 1970.
        let arrival: Int
        var fault: Int?
        /// Nil until there is an answer, and for good if there is none.
        var status: Int?
    }

    private struct State {
        var lastID = 0
        var entries: [Entry] = []
        var bytes = 0
    }

    private let state = Mutex(State())

    /// The oldest entries go when there are more, or when their bodies need more bytes.
    private static let entryLimit = 20_000
    private static let byteLimit = 64 << 20

    /// Notes a request on its arrival; the answer is noted by its id.
    func note(_ request: Request, fault: Int?) -> Int {
        state.withLock { state in
            state.lastID += 1
            state.entries.append(Entry(id: state.lastID, request: request.withoutForm, arrival: Clock.wall, fault: fault))
            state.bytes += request.body.count
            while state.entries.count > Self.entryLimit || state.bytes > Self.byteLimit, let oldest = state.entries.first {
                state.bytes -= oldest.request.body.count
                // A quarter at once: removing the first of many one by one would be slow.
                let gone = state.entries.count > Self.entryLimit ? Self.entryLimit / 4 : 1
                state.bytes -= state.entries.dropFirst().prefix(gone - 1).reduce(0) { $0 + $1.request.body.count }
                state.entries.removeFirst(gone)
            }
            return state.lastID
        }
    }

    /// Notes the status of the answer that is about to be sent.
    func note(status: Int, of id: Int) {
        state.withLock { state in
            // The youngest are the likeliest.
            if let index = state.entries.lastIndex(where: { $0.id == id }) {
                state.entries[index].status = status
            }
        }
    }

    func clear() {
        state.withLock { state in
            state.entries = []
            state.bytes = 0
        }
    }

    /// Which entries are wanted.
    struct Filter {
        var method: String?
        var path: Fault.PathPattern?
        var status: Int?
        /// Younger than the entry with this id.
        var since = 0
        /// At most so many, the youngest.
        var limit = Int.max
    }

    /// Oldest first.
    func document(_ filter: Filter) -> JSON {
        let entries = state.withLock { state in
            state.entries.filter { entry in
                entry.id > filter.since && (filter.method ?? entry.request.method) == entry.request.method
                    && filter.path?.matches(entry.request.path) != false && (filter.status == nil || filter.status == entry.status)
            }
        }
        return .array(entries.suffix(filter.limit).map(Self.document))
    }

    private static func document(_ entry: Entry) -> JSON {
        let request = entry.request
        let headers = request.headers.map { (name: $0.name.lowercased(), value: $0.value) }
        let fault: JSON = entry.fault.map { .integer($0) } ?? .null
        let status: JSON = entry.status.map { .integer($0) } ?? .null
        return .object([
            "id": .integer(entry.id),
            "at": .integer(entry.arrival),
            "connection": .integer(request.connection),
            "tls": .bool(request.isSecure),
            "method": .string(request.method),
            "target": .string(request.target),
            "path": .string(request.path),
            "query": members(request.query),
            "headers": members(headers),
            "body": .string(String(decoding: request.body, as: UTF8.self)),
            "bodyIsCut": .bool(request.bodyIsTooLarge),
            "fault": fault,
            "status": status,
        ])
    }

    /// Of several members with one name the last one counts.
    private static func members(_ members: [(name: String, value: String)]) -> JSON {
        .object(members.map { ($0.name, JSON.string($0.value)) })
    }
}
