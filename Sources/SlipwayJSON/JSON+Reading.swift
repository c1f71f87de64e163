import CJansson

extension JSON {
    package enum Kind: Sendable {
        case null, bool, integer, number, string, array, object
    }

    package var kind: Kind {
        switch read(cjansson_typeof) {
        case CJANSSON_OBJECT: .object
        case CJANSSON_ARRAY: .array
        case CJANSSON_STRING: .string
        case CJANSSON_INTEGER: .integer
        case CJANSSON_REAL: .number
        case CJANSSON_TRUE, CJANSSON_FALSE: .bool
        default: .null
        }
    }

    package var isNull: Bool { kind == .null }

    package var bool: Bool? { read(Self.bool(of:)) }

    /// An integer, or a real number that is one (`5.0`) and fits.
    package var integer: Int64? { read(Self.integer(of:)) }

    /// A real number or an integer; integers beyond 2^53 are rounded.
    package var number: Double? { read(Self.number(of:)) }

    package var string: String? { read(Self.string(of:)) }

    /// A string's UTF-8 with a NUL behind it, for readers in C; nil for other kinds. A string that contains a NUL
    /// itself looks shorter through it.
    ///
    /// It stays valid as long as this value or any other of the same tree: whoever uses it keeps one of them alive, by
    /// `withExtendedLifetime` if nothing else does.
    package var cString: UnsafePointer<CChar>? { read(cjansson_string_value) }
}

// Members. These read through to the member's content: no `JSON` is made on the way.
extension JSON {
    /// The member of that name; nil if there is none, or if this is not an object.
    package subscript(_ key: String) -> JSON? {
        member(key) { JSON(tree: tree, value: $0) }
    }

    package func bool(_ key: String) -> Bool? {
        member(key, Self.bool(of:))
    }

    package func integer(_ key: String) -> Int64? {
        member(key, Self.integer(of:))
    }

    package func number(_ key: String) -> Double? {
        member(key, Self.number(of:))
    }

    package func string(_ key: String) -> String? {
        member(key, Self.string(of:))
    }

    /// An object's members in the order of the document; empty for other kinds.
    package var members: [(key: String, value: JSON)] {
        read { object in
            var members: [(key: String, value: JSON)] = []
            members.reserveCapacity(cjansson_object_size(object))
            var iterator = cjansson_object_iter(object)
            while let current = iterator {
                let key = Self.text(cjansson_object_iter_key(current), cjansson_object_iter_key_length(current))
                members.append((key, JSON(tree: tree, value: cjansson_object_iter_value(current))))
                iterator = cjansson_object_iter_next(object, current)
            }
            return members
        }
    }

    private func member<Result>(_ key: String, _ body: (OpaquePointer) -> Result?) -> Result? {
        var key = key
        return read { object in
            key.withCharacters { cjansson_object_get(object, $0, $1) }.flatMap(body)
        }
    }
}

// Elements.
extension JSON {
    /// How many members or elements there are; 0 for other kinds.
    package var count: Int {
        read { cjansson_array_size($0) + cjansson_object_size($0) }
    }

    /// The element at `index`, counted from 0; nil if there is none, or if this is not an array.
    package subscript(_ index: Int) -> JSON? {
        guard index >= 0 else { return nil }
        return read { cjansson_array_get($0, index).map { JSON(tree: tree, value: $0) } }
    }

    /// An array's elements; empty for other kinds.
    package var elements: [JSON] {
        read { array in
            (0..<cjansson_array_size(array)).map { JSON(tree: tree, value: cjansson_array_get(array, $0)) }
        }
    }
}

extension JSON {
    private static func bool(of value: OpaquePointer?) -> Bool? {
        switch cjansson_typeof(value) {
        case CJANSSON_TRUE: true
        case CJANSSON_FALSE: false
        default: nil
        }
    }

    private static func integer(of value: OpaquePointer?) -> Int64? {
        switch cjansson_typeof(value) {
        case CJANSSON_INTEGER: cjansson_integer_value(value)
        case CJANSSON_REAL: exactly(cjansson_real_value(value))
        default: nil
        }
    }

    /// `Int64(exactly:)`, which would need the mathematical library for its rounding.
    private static func exactly(_ real: Double) -> Int64? {
        guard real >= -0x1p63, real < 0x1p63 else { return nil }
        let integer = Int64(real)
        return Double(integer) == real ? integer : nil
    }

    private static func number(of value: OpaquePointer?) -> Double? {
        switch cjansson_typeof(value) {
        case CJANSSON_INTEGER: Double(cjansson_integer_value(value))
        case CJANSSON_REAL: cjansson_real_value(value)
        default: nil
        }
    }

    private static func string(of value: OpaquePointer?) -> String? {
        guard cjansson_typeof(value) == CJANSSON_STRING else { return nil }
        return text(cjansson_string_value(value), cjansson_string_length(value))
    }

    private static func text(_ bytes: UnsafePointer<CChar>?, _ length: Int) -> String {
        String(decoding: UnsafeRawBufferPointer(start: bytes, count: length), as: UTF8.self)
    }
}
