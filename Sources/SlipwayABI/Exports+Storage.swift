public import CSlipway
internal import Slipway

// Each export checks its arguments, copies them into Swift values and starts one operation. The work is in Slipway/Storage.

@_cdecl("slipway_storage_init") @implementation
public func slipway_storage_init(_ storage: UnsafeMutablePointer<slipway_storage>?, _ struct_size: UInt32) -> slipway_status {
    HostStruct.initialize(storage, struct_size)
}

@_cdecl("slipway_store_request_init") @implementation
public func slipway_store_request_init(_ request: UnsafeMutablePointer<slipway_store_request>?, _ struct_size: UInt32) -> slipway_status {
    HostStruct.initialize(request, struct_size)
}

@_cdecl("slipway_store") @implementation
public func slipway_store(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_store_request>?, _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?, _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation("store", client, request, on_complete, user_data, operation, fallbackDeadline: Configuration.forever) {
        request throws(Refusal) in
        var store = Store()
        store.storage = try HostStorage.read(request.storage)
        store.filePath = try HostStruct.text(request.file_path, "file_path")
        store.key = try HostStruct.text(request.key, "key")
        let names = try HostStruct.texts(request.metadata_names, request.metadata_count, limit: 64, "metadata_names")
        let values = try HostStruct.texts(request.metadata_values, request.metadata_count, limit: 64, "metadata_values")
        for (name, value) in zip(names, values) {
            guard let name, let value else {
                throw Refusal(.invalidArgument, "\(name == nil ? "metadata_names" : "metadata_values") has a NULL")
            }
            store.metadata.append((name, value))
        }
        store.sendsAlways = request.always_send != 0
        store.skipsURLCheck = request.skip_url_check != 0
        return { [store] client, operation in .answer(try await client.objects.store(store, operation, client.delivery)) }
    }
}

@_cdecl("slipway_storage_object_request_init") @implementation
public func slipway_storage_object_request_init(
    _ request: UnsafeMutablePointer<slipway_storage_object_request>?, _ struct_size: UInt32
) -> slipway_status {
    HostStruct.initialize(request, struct_size)
}

@_cdecl("slipway_storage_delete") @implementation
public func slipway_storage_delete(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_storage_object_request>?, _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?, _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation("storage_delete", client, request, on_complete, user_data, operation) { request throws(Refusal) in
        let storage = try HostStorage.read(request.storage)
        let key = try HostStruct.text(request.key, "key")
        return { client, operation in .answer(try await client.objects.delete(key, in: storage, operation, client.delivery)) }
    }
}

@_cdecl("slipway_storage_list_unfinished") @implementation
public func slipway_storage_list_unfinished(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_storage_object_request>?, _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?, _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation("storage_list_unfinished", client, request, on_complete, user_data, operation) { request throws(Refusal) in
        var which = UnfinishedUploads()
        which.storage = try HostStorage.read(request.storage)
        which.key = try HostStruct.text(request.key, "key")
        return { [which] client, operation in .answer(try await client.objects.listUnfinished(which, operation, client.delivery)) }
    }
}

@_cdecl("slipway_storage_abort_request_init") @implementation
public func slipway_storage_abort_request_init(
    _ request: UnsafeMutablePointer<slipway_storage_abort_request>?, _ struct_size: UInt32
) -> slipway_status {
    HostStruct.initialize(request, struct_size)
}

@_cdecl("slipway_storage_abort_unfinished") @implementation
public func slipway_storage_abort_unfinished(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_storage_abort_request>?, _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?, _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation("storage_abort_unfinished", client, request, on_complete, user_data, operation) { request throws(Refusal) in
        guard request.reserved == 0 else { throw Refusal(.unsupportedOption, "request->reserved is not zero") }
        var which = UnfinishedUploads()
        which.storage = try HostStorage.read(request.storage)
        which.key = try HostStruct.text(request.key, "key")
        which.uploadID = try HostStruct.text(request.upload_id, "upload_id")
        which.minAgeMinutes = request.min_age_minutes
        return { [which] client, operation in .answer(try await client.objects.abortUnfinished(which, operation, client.delivery)) }
    }
}
