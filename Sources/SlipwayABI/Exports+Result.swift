public import CSlipway
internal import SlipwayJSON

@_cdecl("slipway_result_json") @implementation
public func slipway_result_json(_ result: UnsafePointer<slipway_result>?, _ pointer: UnsafePointer<CChar>?) -> UnsafePointer<CChar>? {
    Documents.text(result, pointer)
}

@_cdecl("slipway_result_type") @implementation
public func slipway_result_type(_ result: UnsafePointer<slipway_result>?, _ pointer: UnsafePointer<CChar>?) -> Int32 {
    guard let value = Documents.value(result, pointer) else { return Int32(SLIPWAY_JSON_ABSENT) }
    return switch value.kind {
    case .null: Int32(SLIPWAY_JSON_NULL)
    case .bool: Int32(SLIPWAY_JSON_BOOLEAN)
    case .integer: Int32(SLIPWAY_JSON_INTEGER)
    case .number: Int32(SLIPWAY_JSON_NUMBER)
    case .string: Int32(SLIPWAY_JSON_STRING)
    case .array: Int32(SLIPWAY_JSON_ARRAY)
    case .object: Int32(SLIPWAY_JSON_OBJECT)
    }
}

@_cdecl("slipway_result_string") @implementation
public func slipway_result_string(_ result: UnsafePointer<slipway_result>?, _ pointer: UnsafePointer<CChar>?) -> UnsafePointer<CChar>? {
    // The text lives as long as the answer does: until the callback has returned.
    Documents.value(result, pointer)?.cString
}

@_cdecl("slipway_result_integer") @implementation
public func slipway_result_integer(_ result: UnsafePointer<slipway_result>?, _ pointer: UnsafePointer<CChar>?, _ fallback: Int64) -> Int64 {
    Documents.value(result, pointer)?.integer ?? fallback
}

@_cdecl("slipway_result_number") @implementation
public func slipway_result_number(_ result: UnsafePointer<slipway_result>?, _ pointer: UnsafePointer<CChar>?, _ fallback: Double) -> Double
{
    Documents.value(result, pointer)?.number ?? fallback
}

@_cdecl("slipway_result_boolean") @implementation
public func slipway_result_boolean(_ result: UnsafePointer<slipway_result>?, _ pointer: UnsafePointer<CChar>?, _ fallback: Int32) -> Int32 {
    (Documents.value(result, pointer)?.bool).map { $0 ? 1 : 0 } ?? fallback
}

@_cdecl("slipway_result_count") @implementation
public func slipway_result_count(_ result: UnsafePointer<slipway_result>?, _ pointer: UnsafePointer<CChar>?) -> Int {
    guard let value = Documents.value(result, pointer), value.kind == .array || value.kind == .object else { return 0 }
    return value.count
}

@_cdecl("slipway_result_name") @implementation
public func slipway_result_name(_ result: UnsafePointer<slipway_result>?, _ pointer: UnsafePointer<CChar>?, _ index: Int)
    -> UnsafePointer<CChar>?
{
    Documents.name(result, pointer, index)
}
