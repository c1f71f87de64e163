public import CSlipway
internal import Slipway

@_cdecl("slipway_version_number") @implementation
public func slipway_version_number() -> UInt32 {
    UInt32(SLIPWAY_VERSION_MAJOR * 1_000_000 + SLIPWAY_VERSION_MINOR * 1000 + SLIPWAY_VERSION_PATCH)
}

@_cdecl("slipway_version_string") @implementation
public func slipway_version_string() -> UnsafePointer<CChar>? { staticText(SLIPWAY_VERSION_STRING_TEXT) }

@_cdecl("slipway_status_name") @implementation
public func slipway_status_name(_ status: slipway_status) -> UnsafePointer<CChar>? {
    staticText(Status(rawValue: status)?.name ?? "UNKNOWN")
}

private let SLIPWAY_VERSION_STRING_TEXT: StaticString = "0.1.0"

/// A literal ends in NUL and lives for ever.
private func staticText(_ text: StaticString) -> UnsafePointer<CChar>? {
    guard text.hasPointerRepresentation else { return nil }
    return UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}
