/// First in, first out, in constant time.
package struct Queue<Element> {
    private var incoming: [Element] = []
    private var outgoing: [Element] = []

    package init() {}

    package var count: Int { incoming.count + outgoing.count }
    package var isEmpty: Bool { incoming.isEmpty && outgoing.isEmpty }

    package mutating func append(_ element: Element) { incoming.append(element) }

    package mutating func append(contentsOf elements: [Element]) {
        if incoming.isEmpty { incoming = elements } else { incoming += elements }
    }

    package mutating func popFirst() -> Element? {
        if outgoing.isEmpty && !incoming.isEmpty {
            incoming.reverse()
            swap(&incoming, &outgoing)
        }
        return outgoing.popLast()
    }

    /// All of them, in order. Costs nothing when none was taken one by one.
    package mutating func takeAll() -> [Element] {
        defer { self = Queue() }
        return outgoing.isEmpty ? incoming : outgoing.reversed() + incoming
    }
}
