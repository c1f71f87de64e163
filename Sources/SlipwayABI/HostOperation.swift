internal import CSlipway
internal import Slipway
internal import SlipwayHTTP
internal import SlipwayJSON

/// What every request struct has after its size.
protocol HostRequest {
    var deadline_ms: UInt32 { get }
    var progress: slipway_progress_fn? { get }
}

extension slipway_upload_request: HostRequest { var progress: slipway_progress_fn? { on_progress } }
extension slipway_distribute_request: HostRequest { var progress: slipway_progress_fn? { on_progress } }
extension slipway_list_projects_request: HostRequest { var progress: slipway_progress_fn? { on_progress } }
extension slipway_project_request: HostRequest { var progress: slipway_progress_fn? { on_progress } }
extension slipway_wait_for_build_request: HostRequest { var progress: slipway_progress_fn? { on_progress } }
extension slipway_receive_webhook_request: HostRequest { var progress: slipway_progress_fn? { on_progress } }
extension slipway_entermedia_login_request: HostRequest { var progress: slipway_progress_fn? { on_progress } }
extension slipway_entermedia_asset_upload_request: HostRequest { var progress: slipway_progress_fn? { on_progress } }
extension slipway_entermedia_asset_request: HostRequest { var progress: slipway_progress_fn? { on_progress } }
extension slipway_entermedia_distribution_create_request: HostRequest { var progress: slipway_progress_fn? { on_progress } }
extension slipway_entermedia_distribution_edit_request: HostRequest { var progress: slipway_progress_fn? { on_progress } }
extension slipway_entermedia_distribution_request: HostRequest { var progress: slipway_progress_fn? { on_progress } }
extension slipway_entermedia_distribution_search_request: HostRequest { var progress: slipway_progress_fn? { on_progress } }
extension slipway_entermedia_distribution_create_many_request: HostRequest { var progress: slipway_progress_fn? { on_progress } }
extension slipway_check_package_request: HostRequest { var progress: slipway_progress_fn? { on_progress } }
extension slipway_release_request: HostRequest { var progress: slipway_progress_fn? { on_progress } }
extension slipway_store_request: HostRequest { var progress: slipway_progress_fn? { on_progress } }
extension slipway_storage_object_request: HostRequest { var progress: slipway_progress_fn? { on_progress } }
extension slipway_storage_abort_request: HostRequest { var progress: slipway_progress_fn? { on_progress } }

/// Starts an operation: checks the arguments, has `work` copy them into Swift values, and answers. Nothing else happens on the host's thread.
func startOperation<Request: HostRequest>(
    _ name: StaticString, _ client: OpaquePointer?, _ request: UnsafePointer<Request>?, _ onComplete: slipway_complete_fn?,
    _ userData: UnsafeMutableRawPointer?, _ operation: UnsafeMutablePointer<slipway_operation>?, fallbackDeadline: UInt32? = nil,
    needsConnection: Bool = true, _ work: (Request) throws(Refusal) -> Client.Work
) -> slipway_status {
    let handle = UInt(bitPattern: client)
    return answer(client) { client throws(Refusal) in
        let request = try HostStruct.read(request, "request")
        guard let onComplete else { throw Refusal(.invalidArgument, "on_complete is NULL") }
        guard !Libraries.processIsExiting else { throw Refusal(.closed, "the process is exiting") }
        let work = try work(request)
        let host = HostPointer(pointer: userData)
        var onNews: (@Sendable (UInt64, Progress, Duration) -> Void)?
        if let onProgress = request.progress {
            onNews = { id, progress, elapsed in
                HostCallback.call(of: handle) { tell(progress, id, elapsed, onProgress, host.pointer) }
            }
        }
        let started = client.start(
            name, deadline: request.deadline_ms, fallbackDeadline: fallbackDeadline, onProgress: onNews,
            onComplete: { outcome in HostCallback.call(of: handle) { tell(outcome) { onComplete($0, host.pointer) } } },
            needsConnection: needsConnection,
            storeID: { operation?.pointee = $0 }, work)
        guard started else { throw Refusal(.closed, "the client was released") }
        return .ok
    }
}

private func tell(
    _ progress: Progress, _ id: UInt64, _ elapsed: Duration, _ onProgress: slipway_progress_fn, _ userData: UnsafeMutableRawPointer?
) {
    progress.state.withCString { state in
        progress.serviceState.withCString { serviceState in
            progress.message.withCString { message in
                var news = slipway_progress()
                news.struct_size = UInt32(MemoryLayout<slipway_progress>.size)
                news.stage = progress.stage.rawValue
                news.operation = id
                news.elapsed_ms = UInt64(clamping: elapsed.milliseconds)
                news.wait_ms = UInt64(clamping: progress.waitingUntil.map { ($0 - .now).milliseconds } ?? 0)
                news.state = state
                news.service_state = serviceState
                news.message = message
                news.attempt = UInt32(clamping: progress.attempt)
                news.release_stage = progress.release?.rawValue ?? 0
                if let bytes = progress.bytes {
                    (news.bytes_done, news.bytes_total) = (bytes.done, bytes.total)
                    news.bytes_per_second = bytes.perSecond
                    news.time_left_ms = UInt64(clamping: bytes.timeLeft?.milliseconds ?? 0)
                }
                if let items = progress.items {
                    news.items_done = UInt64(clamping: items.done)
                    news.items_failed = UInt64(clamping: items.failed)
                    news.items_total = UInt64(clamping: items.total)
                }
                progress.resumeFrom.withCString { resumeFrom in
                    news.resume_from = resumeFrom
                    withUnsafePointer(to: news) { onProgress($0, userData) }
                }
            }
        }
    }
}

/// Makes a result of an outcome, which lives as long as `body` runs.
func tell(_ outcome: Outcome, _ body: (UnsafePointer<slipway_result>) -> Void) {
    let document = Documents.add(outcome.answer)
    defer { Documents.remove(document) }
    outcome.message.withCString { message in
        outcome.hint.withCString { hint in
            var result = slipway_result()
            result.struct_size = UInt32(MemoryLayout<slipway_result>.size)
            result.status = outcome.status.rawValue
            result.operation = outcome.operation
            result.http_status = Int32(clamping: outcome.httpStatus)
            result.attempts = UInt32(clamping: outcome.attempts)
            result.retriable = outcome.isRetriable ? 1 : 0
            result.retry_after_ms = UInt64(clamping: outcome.retryAfter?.milliseconds ?? 0)
            result.message = message
            result.hint = hint
            result.document = UnsafeRawPointer(bitPattern: document)
            withUnsafePointer(to: result) { body($0) }
        }
    }
}
