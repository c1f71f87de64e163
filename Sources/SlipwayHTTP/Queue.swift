/// First in, first out, in constant time.
package struct Queue<Element> {
    private var incoming: [Element] = []
    private var outgoing: [Element] = []

    package init() {}

    package var count: Int { incoming.count + outgoing.count }
    package var isEmpty: Bool { incoming.isEmpty && outgoing.isEmpty }

    package mutating func append(_ element: Element) { incoming.append(element) }

    package mutating func popFirst() -> Element? {
        if outgoing.isEmpty && !incoming.isEmpty {
            incoming.reverse()
            swap(&incoming, &outgoing)
        }
        return outgoing.popLast()
    }
}
