import CJansson

extension JSON {
    package static var null: JSON { JSON(tree: nil, value: nil) }

    package static func bool(_ value: Bool) -> JSON {
        // Static values of jansson's: there is nothing to own.
        JSON(tree: nil, value: value ? cjansson_true() : cjansson_false())
    }

    /// Integers beyond 64 bits become the nearest one within.
    package static func integer(_ value: some BinaryInteger) -> JSON {
        JSON(owning: cjansson_integer(Int64(clamping: value)))
    }

    /// Infinities and NaN, which JSON does not have, become null.
    package static func number(_ value: Double) -> JSON {
        value.isFinite ? JSON(owning: cjansson_real(value)) : .null
    }

    package static func string(_ value: some StringProtocol) -> JSON {
        var value = String(value)
        return JSON(owning: value.withCharacters { cjansson_string($0, $1) })
    }

    /// An object with these members in this order; those that are nil are left out. Of two with the same name the last one counts.
    package static func object(_ members: KeyValuePairs<String, JSON?>) -> JSON {
        var object = cjansson_object()
        for (key, value) in members {
            if let value { object = adding(key, value, to: object) }
        }
        return JSON(owning: object)
    }

    /// An object with these members in this order; those that are nil are left out. Of two with the same name the last one counts.
    package static func object(_ members: [(String, JSON?)]) -> JSON {
        var object = cjansson_object()
        for (key, value) in members {
            if let value { object = adding(key, value, to: object) }
        }
        return JSON(owning: object)
    }

    package static func array(_ elements: some Sequence<JSON>) -> JSON {
        var array = cjansson_array()
        for element in elements {
            array = cjansson_array_append_new(array, element.read(cjansson_incref))
        }
        return JSON(owning: array)
    }

    /// A copy of this object with one member more, or with that member's value replaced. nil leaves it as it is.
    /// Children are shared, not copied. What is not an object has no members and stays what it is.
    package func adding(_ key: String, _ value: JSON?) -> JSON {
        guard let value, kind == .object else { return self }
        return JSON(owning: JSON.adding(key, value, to: read(cjansson_copy)))
    }

    /// A copy with a tree of its own, which no longer keeps the document alive that the value came from.
    package func detached() -> JSON {
        tree == nil ? self : JSON(owning: read(cjansson_deep_copy))
    }

    private static func adding(_ key: String, _ value: JSON, to object: OpaquePointer?) -> OpaquePointer? {
        var key = key
        let member = value.read(cjansson_incref)
        return key.withCharacters { cjansson_object_set_new(object, $0, $1, member) }
    }
}

extension String {
    /// The text's UTF-8 as C takes it, with its length, as it may contain NULs.
    mutating func withCharacters<Result>(_ body: (UnsafePointer<CChar>?, Int) -> Result) -> Result {
        withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { body($0.baseAddress, $0.count) }
        }
    }
}
