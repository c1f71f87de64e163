import SlipwayJSON

/// The JSON body of an admin request, read member by member. What is of the wrong type, out of range or unknown is refused by name,
/// so that a misspelt member of a test is an error and not a test of nothing.
final class AdminForm {
    struct Refusal: Error {
        let status: Int
        let text: String

        init(_ status: Int, _ text: String) {
            self.status = status
            self.text = text
        }

        init(_ text: String) {
            self.init(400, text)
        }
    }

    private let members: [(key: String, value: JSON)]
    private var known: Set<String> = []

    /// An empty body is an empty object.
    init(_ request: Request) throws(Refusal) {
        guard !request.body.isEmpty else {
            members = []
            return
        }
        do {
            document = try JSON(parsing: request.body)
        } catch {
            throw Refusal("The body is not JSON: \(error)")
        }
        guard document.kind == .object else {
            throw Refusal("The body must be a JSON object")
        }
        members = document.members
    }

    /// All of it.
    private(set) var document: JSON = .object([:])

    /// Nil when it is absent. A null is a value.
    func value(_ name: String) -> JSON? {
        known.insert(name)
        return members.last { $0.key == name }?.value
    }

    func string(_ name: String) throws(Refusal) -> String? {
        guard let value = value(name) else { return nil }
        guard let string = value.string else { throw Refusal("\(name) must be a string") }
        return string
    }

    func required(_ name: String) throws(Refusal) -> String {
        guard let string = try string(name) else { throw Refusal("\(name) is missing") }
        return string
    }

    /// A string, or null for none: the outer optional says whether it is there.
    func stringOrNull(_ name: String) throws(Refusal) -> String?? {
        guard let value = value(name) else { return nil }
        return value.isNull ? .some(nil) : .some(try string(name))
    }

    func strings(_ name: String) throws(Refusal) -> [String]? {
        guard let value = value(name) else { return nil }
        let strings = value.elements.compactMap(\.string)
        guard value.kind == .array, strings.count == value.count else { throw Refusal("\(name) must be an array of strings") }
        return strings
    }

    func flag(_ name: String) throws(Refusal) -> Bool? {
        guard let value = value(name) else { return nil }
        guard let flag = value.bool else { throw Refusal("\(name) must be true or false") }
        return flag
    }

    func integer(_ name: String, _ range: ClosedRange<Int>) throws(Refusal) -> Int? {
        guard let value = value(name) else { return nil }
        guard let integer = value.integer.flatMap({ Int(exactly: $0) }), range.contains(integer) else {
            throw Refusal("\(name) must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return integer
    }

    func choice<Choice: RawRepresentable & CaseIterable>(_ name: String, _: Choice.Type) throws(Refusal) -> Choice?
    where Choice.RawValue == String {
        guard let text = try string(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw Refusal("\(name) must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    /// Refuses what nothing has asked for: to be called last.
    func finish() throws(Refusal) {
        let unknown = members.map(\.key).filter { !known.contains($0) }
        guard unknown.isEmpty else {
            throw Refusal("Unknown: \(unknown.joined(separator: ", ")). Known: \(known.sorted().joined(separator: ", "))")
        }
    }
}
