public import CSlipway
internal import Slipway

// Each export checks its arguments, copies them into Swift values and starts one operation. The work is in Slipway/Package and Slipway/Release.

@_cdecl("slipway_check_package_request_init") @implementation
public func slipway_check_package_request_init(
    _ request: UnsafeMutablePointer<slipway_check_package_request>?, _ struct_size: UInt32
) -> slipway_status {
    HostStruct.initialize(request, struct_size)
}

@_cdecl("slipway_check_package") @implementation
public func slipway_check_package(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_check_package_request>?, _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?, _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation("check_package", client, request, on_complete, user_data, operation, needsConnection: false) {
        request throws(Refusal) in
        let path = try HostStruct.text(request.file_path, "file_path")
        return { client, operation in .answer(try await client.checkPackage(path, operation)) }
    }
}

@_cdecl("slipway_release_request_init") @implementation
public func slipway_release_request_init(_ request: UnsafeMutablePointer<slipway_release_request>?, _ struct_size: UInt32) -> slipway_status
{
    HostStruct.initialize(request, struct_size)
}

@_cdecl("slipway_release") @implementation
public func slipway_release(
    _ client: OpaquePointer?, _ request: UnsafePointer<slipway_release_request>?, _ on_complete: slipway_complete_fn?,
    _ user_data: UnsafeMutableRawPointer?, _ operation: UnsafeMutablePointer<slipway_operation>?
) -> slipway_status {
    startOperation("release", client, request, on_complete, user_data, operation, fallbackDeadline: Release.defaultDeadline) {
        request throws(Refusal) in
        var release = Release()
        release.projectID = try HostStruct.text(request.project_id, "project_id")
        release.filePath = try HostStruct.text(request.file_path, "file_path")
        release.resumeFrom = try HostStruct.text(request.resume_from, "resume_from")
        release.sourcePath = try HostStruct.text(request.source_path, "source_path")
        release.isManual = request.manual_release != 0
        guard (0...1).contains(request.hosted) else {
            throw Refusal(.unsupportedOption, "request->hosted is \(request.hosted): neither SLIPWAY_KEEP nor SLIPWAY_REMOVE_WHEN_DONE")
        }
        release.removesHosted = request.hosted == Int32(SLIPWAY_REMOVE_WHEN_DONE)
        release.ignoresFindings = request.ignore_findings != 0
        release.interval = request.interval_ms
        release.maxInterval = request.max_interval_ms
        release.settle = request.settle_ms
        if request.storage != nil { release.storage = try HostStorage.read(request.storage) }
        return { [release] client, operation in .answer(try await client.release(release, operation)) }
    }
}
