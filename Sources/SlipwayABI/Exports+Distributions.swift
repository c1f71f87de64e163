public import CSlipway
internal import Slipway

// Each export checks its arguments, copies them into Swift values and starts one operation. The work is in Slipway/EnterMedia.

@_cdecl("slipway_entermedia_distribution_create_request_init") @implementation
public func slipway_entermedia_distribution_create_request_init(
    _ request: UnsafeMutablePointer<slipway_entermedia_distribution_create_request>?, _ struct_size: UInt32
) -> slipway_status {
    HostStruct.initialize(request, struct_size)
}

@_cdecl("slipway_entermedia_distribution_create") @implementation
public func slipway_entermedia_distribution_create(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_entermedia_distribution_create_request>?,
    _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?, _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation("entermedia_distribution_create", client, request, on_complete, user_data, operation) { request throws(Refusal) in
        var creation = EnterMedia.Creation()
        creation.assetID = try HostStruct.text(request.asset_id, "asset_id")
        creation.distributionID = try HostStruct.text(request.distribution_id, "distribution_id")
        creation.allowsOriginal = request.allow_original != 0
        creation.skipsVerification = request.skip_verify != 0
        return { [creation] client, operation in .answer(try await client.enterMedia.create(creation, operation, client.delivery)) }
    }
}

@_cdecl("slipway_entermedia_distribution_edit_request_init") @implementation
public func slipway_entermedia_distribution_edit_request_init(
    _ request: UnsafeMutablePointer<slipway_entermedia_distribution_edit_request>?, _ struct_size: UInt32
) -> slipway_status {
    HostStruct.initialize(request, struct_size)
}

@_cdecl("slipway_entermedia_distribution_edit") @implementation
public func slipway_entermedia_distribution_edit(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_entermedia_distribution_edit_request>?, _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?, _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation("entermedia_distribution_edit", client, request, on_complete, user_data, operation) { request throws(Refusal) in
        var edit = EnterMedia.Edit()
        edit.distributionID = try HostStruct.text(request.distribution_id, "distribution_id")
        edit.assetID = try HostStruct.text(request.asset_id, "asset_id")
        edit.skipsVerification = request.skip_verify != 0
        guard let original = EnterMedia.Edit.Original(rawValue: request.original) else {
            throw Refusal(.unsupportedOption, "request->original is \(request.original): not one of SLIPWAY_ORIGINAL_...")
        }
        edit.original = original
        return { [edit] client, operation in .answer(try await client.enterMedia.edit(edit, operation, client.delivery)) }
    }
}

@_cdecl("slipway_entermedia_distribution_request_init") @implementation
public func slipway_entermedia_distribution_request_init(
    _ request: UnsafeMutablePointer<slipway_entermedia_distribution_request>?, _ struct_size: UInt32
) -> slipway_status {
    HostStruct.initialize(request, struct_size)
}

@_cdecl("slipway_entermedia_distribution_get") @implementation
public func slipway_entermedia_distribution_get(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_entermedia_distribution_request>?, _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?, _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation("entermedia_distribution_get", client, request, on_complete, user_data, operation) { request throws(Refusal) in
        let distributionID = try HostStruct.text(request.distribution_id, "distribution_id")
        return { client, operation in .answer(try await client.enterMedia.distribution(distributionID, operation, client.delivery)) }
    }
}

@_cdecl("slipway_entermedia_distribution_delete") @implementation
public func slipway_entermedia_distribution_delete(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_entermedia_distribution_request>?, _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?, _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation("entermedia_distribution_delete", client, request, on_complete, user_data, operation) { request throws(Refusal) in
        let distributionID = try HostStruct.text(request.distribution_id, "distribution_id")
        return { client, operation in .answer(try await client.enterMedia.deleteDistribution(distributionID, operation, client.delivery)) }
    }
}

@_cdecl("slipway_entermedia_distribution_search_request_init") @implementation
public func slipway_entermedia_distribution_search_request_init(
    _ request: UnsafeMutablePointer<slipway_entermedia_distribution_search_request>?, _ struct_size: UInt32
) -> slipway_status {
    HostStruct.initialize(request, struct_size)
}

@_cdecl("slipway_entermedia_distribution_search") @implementation
public func slipway_entermedia_distribution_search(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_entermedia_distribution_search_request>?,
    _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?, _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation("entermedia_distribution_search", client, request, on_complete, user_data, operation) { request throws(Refusal) in
        var search = EnterMedia.Search()
        search.terms = try HostStruct.array(request.terms, request.term_count, limit: 64, "terms").map { term throws(Refusal) in
            EnterMedia.Search.Term(
                field: try HostStruct.text(term.field, "terms[].field"), match: try HostStruct.text(term.match, "terms[].match"),
                value: try HostStruct.text(term.value, "terms[].value"))
        }
        search.page = request.page
        search.pageSize = request.page_size
        return { [search] client, operation in .answer(try await client.enterMedia.search(search, operation, client.delivery)) }
    }
}

@_cdecl("slipway_entermedia_distribution_create_many_request_init") @implementation
public func slipway_entermedia_distribution_create_many_request_init(
    _ request: UnsafeMutablePointer<slipway_entermedia_distribution_create_many_request>?, _ struct_size: UInt32
) -> slipway_status {
    HostStruct.initialize(request, struct_size)
}

@_cdecl("slipway_entermedia_distribution_create_many") @implementation
public func slipway_entermedia_distribution_create_many(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_entermedia_distribution_create_many_request>?,
    _ on_complete: slipway_complete_fn?, _ user_data: UnsafeMutableRawPointer?, _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation(
        "entermedia_distribution_create_many", client, request, on_complete, user_data, operation, fallbackDeadline: Configuration.forever
    ) { request throws(Refusal) in
        var creations = ManyCreations()
        guard request.reserved == 0 else { throw Refusal(.unsupportedOption, "request->reserved is not zero") }
        guard request.asset_count > 0 else { throw Refusal(.invalidArgument, "request->asset_count is 0") }
        creations.assetIDs = try HostStruct.texts(request.asset_ids, request.asset_count, limit: 1_000_000, "asset_ids")
        if request.distribution_ids != nil {
            creations.distributionIDs = try HostStruct.texts(
                request.distribution_ids, request.asset_count, limit: 1_000_000, "distribution_ids")
        }
        creations.allowsOriginal = request.allow_original != 0
        creations.skipsVerification = request.skip_verify != 0
        creations.maxParallel = request.max_parallel
        if let onItem = request.on_item {
            let host = HostPointer(pointer: user_data)
            let handle = UInt(bitPattern: client)
            creations.onItem = { index, outcome in
                HostCallback.call(of: handle) { tell(outcome) { onItem(index, $0, host.pointer) } }
            }
        }
        return { [creations] client, operation in try await client.createMany(creations, operation) }
    }
}
