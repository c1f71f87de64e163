public import CSlipway
internal import Slipway

// Each export checks its arguments, copies them into Swift values and starts one operation. The work is in Slipway/Streampixel.

@_cdecl("slipway_upload_request_init") @implementation
public func slipway_upload_request_init(_ request: UnsafeMutablePointer<slipway_upload_request>?, _ struct_size: UInt32) -> slipway_status {
    HostStruct.initialize(request, struct_size)
}

@_cdecl("slipway_upload") @implementation
public func slipway_upload(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_upload_request>?, _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?,
    _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation("upload", client, request, on_complete, user_data, operation) { request throws(Refusal) in
        var upload = Streampixel.Upload()
        upload.projectID = try HostStruct.text(request.project_id, "project_id")
        upload.fileURL = try HostStruct.text(request.file_url, "file_url")
        upload.manualRelease = request.manual_release != 0
        upload.skipsURLCheck = request.skip_url_check != 0
        upload.expectedSize = request.expected_size
        return { [upload] client, operation in .answer(try await client.streampixel.upload(upload, operation, client.delivery)) }
    }
}

@_cdecl("slipway_distribute_request_init") @implementation
public func slipway_distribute_request_init(_ request: UnsafeMutablePointer<slipway_distribute_request>?, _ struct_size: UInt32)
    -> slipway_status
{
    HostStruct.initialize(request, struct_size)
}

@_cdecl("slipway_distribute") @implementation
public func slipway_distribute(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_distribute_request>?, _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?,
    _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation("distribute", client, request, on_complete, user_data, operation) { request throws(Refusal) in
        let projectID = try HostStruct.text(request.project_id, "project_id")
        let uploadID = try HostStruct.text(request.upload_id, "upload_id")
        return { client, operation in
            .answer(try await client.streampixel.distribute(projectID: projectID, uploadID: uploadID, operation, client.delivery))
        }
    }
}

@_cdecl("slipway_list_projects_request_init") @implementation
public func slipway_list_projects_request_init(_ request: UnsafeMutablePointer<slipway_list_projects_request>?, _ struct_size: UInt32)
    -> slipway_status
{
    HostStruct.initialize(request, struct_size)
}

@_cdecl("slipway_list_projects") @implementation
public func slipway_list_projects(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_list_projects_request>?, _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?,
    _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation("list_projects", client, request, on_complete, user_data, operation) { request throws(Refusal) in
        { client, operation in .answer(try await client.streampixel.projects(operation, client.delivery)) }
    }
}

@_cdecl("slipway_project_request_init") @implementation
public func slipway_project_request_init(_ request: UnsafeMutablePointer<slipway_project_request>?, _ struct_size: UInt32) -> slipway_status
{
    HostStruct.initialize(request, struct_size)
}

@_cdecl("slipway_get_project") @implementation
public func slipway_get_project(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_project_request>?, _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?,
    _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation("get_project", client, request, on_complete, user_data, operation) { request throws(Refusal) in
        let projectID = try HostStruct.text(request.project_id, "project_id")
        return { client, operation in try await client.streampixel.project(projectID, operation, client.delivery) }
    }
}

@_cdecl("slipway_get_project_stats") @implementation
public func slipway_get_project_stats(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_project_request>?, _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?,
    _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation("get_project_stats", client, request, on_complete, user_data, operation) { request throws(Refusal) in
        let projectID = try HostStruct.text(request.project_id, "project_id")
        return { client, operation in try await client.streampixel.stats(projectID, operation, client.delivery) }
    }
}

@_cdecl("slipway_test_webhook") @implementation
public func slipway_test_webhook(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_project_request>?, _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?,
    _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation("test_webhook", client, request, on_complete, user_data, operation) { request throws(Refusal) in
        let projectID = try HostStruct.text(request.project_id, "project_id")
        return { client, operation in try await client.streampixel.testWebhook(projectID, operation, client.delivery) }
    }
}

@_cdecl("slipway_wait_for_build_request_init") @implementation
public func slipway_wait_for_build_request_init(_ request: UnsafeMutablePointer<slipway_wait_for_build_request>?, _ struct_size: UInt32)
    -> slipway_status
{
    HostStruct.initialize(request, struct_size)
}

@_cdecl("slipway_wait_for_build") @implementation
public func slipway_wait_for_build(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_wait_for_build_request>?, _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?,
    _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation("wait_for_build", client, request, on_complete, user_data, operation, fallbackDeadline: Streampixel.Wait.defaultDeadline)
    { request throws(Refusal) in
        var wait = Streampixel.Wait()
        wait.projectID = try HostStruct.text(request.project_id, "project_id")
        wait.uploadID = try HostStruct.text(request.upload_id, "upload_id")
        guard let until = Streampixel.Wait.Until(rawValue: request.until) else {
            throw Refusal(.unsupportedOption, "request->until is \(request.until): not one of SLIPWAY_UNTIL_...")
        }
        wait.until = until
        wait.interval = request.interval_ms
        wait.maxInterval = request.max_interval_ms
        wait.settle = request.settle_ms
        return { [wait] client, operation in .answer(try await client.streampixel.wait(wait, operation, client.delivery)) }
    }
}

@_cdecl("slipway_receive_webhook_request_init") @implementation
public func slipway_receive_webhook_request_init(_ request: UnsafeMutablePointer<slipway_receive_webhook_request>?, _ struct_size: UInt32)
    -> slipway_status
{
    HostStruct.initialize(request, struct_size)
}

@_cdecl("slipway_receive_webhook") @implementation
public func slipway_receive_webhook(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_receive_webhook_request>?, _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?,
    _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    // News must not wait behind requests.
    return startOperation("receive_webhook", client, request, on_complete, user_data, operation, needsConnection: false) {
        request throws(Refusal) in
        guard let body = request.body else { throw Refusal(.invalidArgument, "request->body is NULL") }
        guard request.reserved == 0 else { throw Refusal(.unsupportedOption, "request->reserved is not zero") }
        // A size that no event has is not believed: nothing is read then, and the operation says so.
        let isPlausible = (1...Webhook.maxSize).contains(request.body_size)
        let bytes = isPlausible ? [UInt8](UnsafeRawBufferPointer(start: body, count: request.body_size)) : []
        let confirms = request.confirm != 0
        return { client, operation in
            .answer(try await client.streampixel.receiveWebhook(bytes, confirms: confirms, operation, client.delivery))
        }
    }
}
