/// An element of an answer: its name without a prefix, its text, and what is in it. Attributes are not kept: S3's answers have none that matter.
struct XMLElement: Sendable, Equatable {
    let name: String
    /// The text directly inside, as it is; empty if that is nothing but white space between other elements.
    let text: String
    let children: [XMLElement]

    /// The first child with that name.
    subscript(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    /// All children with that name, in their order.
    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    /// The text of the first child with that name; nil if there is none.
    func text(_ name: String) -> String? { self[name]?.text }
}
