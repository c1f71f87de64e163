public import CSlipway
internal import Slipway

// Each export checks its arguments, copies them into Swift values and starts one operation. The work is in Slipway/EnterMedia.

@_cdecl("slipway_entermedia_login_request_init") @implementation
public func slipway_entermedia_login_request_init(
    _ request: UnsafeMutablePointer<slipway_entermedia_login_request>?, _ struct_size: UInt32
) -> slipway_status {
    HostStruct.initialize(request, struct_size)
}

@_cdecl("slipway_entermedia_login") @implementation
public func slipway_entermedia_login(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_entermedia_login_request>?, _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?, _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation("entermedia_login", client, request, on_complete, user_data, operation) { request throws(Refusal) in
        { client, operation in .answer(try await client.enterMedia.login(operation, client.delivery)) }
    }
}

// MARK: Assets

@_cdecl("slipway_entermedia_asset_upload_request_init") @implementation
public func slipway_entermedia_asset_upload_request_init(
    _ request: UnsafeMutablePointer<slipway_entermedia_asset_upload_request>?, _ struct_size: UInt32
) -> slipway_status {
    HostStruct.initialize(request, struct_size)
}

@_cdecl("slipway_entermedia_asset_upload") @implementation
public func slipway_entermedia_asset_upload(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_entermedia_asset_upload_request>?, _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?, _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation(
        "entermedia_asset_upload", client, request, on_complete, user_data, operation, fallbackDeadline: Configuration.forever
    ) { request throws(Refusal) in
        var upload = EnterMedia.Upload()
        upload.filePath = try HostStruct.text(request.file_path, "file_path")
        upload.assetID = try HostStruct.text(request.asset_id, "asset_id")
        upload.sourcePath = try HostStruct.text(request.source_path, "source_path")
        upload.name = try HostStruct.text(request.name, "name")
        return { [upload] client, operation in .answer(try await client.enterMedia.upload(upload, operation, client.delivery)) }
    }
}

@_cdecl("slipway_entermedia_asset_request_init") @implementation
public func slipway_entermedia_asset_request_init(
    _ request: UnsafeMutablePointer<slipway_entermedia_asset_request>?, _ struct_size: UInt32
) -> slipway_status {
    HostStruct.initialize(request, struct_size)
}

@_cdecl("slipway_entermedia_asset_get") @implementation
public func slipway_entermedia_asset_get(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_entermedia_asset_request>?, _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?, _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation("entermedia_asset_get", client, request, on_complete, user_data, operation) { request throws(Refusal) in
        let assetID = try HostStruct.text(request.asset_id, "asset_id")
        return { client, operation in .answer(try await client.enterMedia.asset(assetID, operation, client.delivery)) }
    }
}

@_cdecl("slipway_entermedia_asset_delete") @implementation
public func slipway_entermedia_asset_delete(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_entermedia_asset_request>?, _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?, _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation("entermedia_asset_delete", client, request, on_complete, user_data, operation) { request throws(Refusal) in
        let assetID = try HostStruct.text(request.asset_id, "asset_id")
        return { client, operation in .answer(try await client.enterMedia.deleteAsset(assetID, operation, client.delivery)) }
    }
}
