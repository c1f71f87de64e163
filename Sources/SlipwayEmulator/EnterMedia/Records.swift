/// Records by id, in the order of their creation. Saving, finding and deleting take the same short time however many there are.
struct Records<Record: Sendable>: Sendable {
    private var places: [String: Int] = [:]
    /// Deleted ones leave a gap, until there are more gaps than records.
    private var slots: [(id: String, record: Record)?] = []

    var count: Int { places.count }

    /// In the order of their creation.
    var all: some Sequence<Record> {
        slots.lazy.compactMap { $0?.record }
    }

    /// Setting an existing one keeps its place.
    subscript(id: String) -> Record? {
        get {
            places[id].flatMap { slots[$0]?.record }
        }
        set {
            switch (places[id], newValue) {
            case (let place?, let record?):
                slots[place] = (id, record)
            case (nil, let record?):
                places[id] = slots.count
                slots.append((id, record))
            case (let place?, nil):
                slots[place] = nil
                places[id] = nil
                if slots.count > 64, slots.count > 2 * places.count {
                    slots.removeAll { $0 == nil }
                    for (place, slot) in slots.enumerated() {
                        if let slot { places[slot.id] = place }
                    }
                }
            case (nil, nil):
                break
            }
        }
    }
}
