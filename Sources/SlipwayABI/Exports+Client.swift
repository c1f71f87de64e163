public import CSlipway
internal import CSystem
internal import Slipway
internal import SlipwayHTTP

@_cdecl("slipway_client_options_init") @implementation
public func slipway_client_options_init(_ options: UnsafeMutablePointer<slipway_client_options>?, _ struct_size: UInt32) -> slipway_status {
    HostStruct.initialize(options, struct_size)
}

@_cdecl("slipway_client_create") @implementation
public func slipway_client_create(
    _ options: UnsafePointer<slipway_client_options>?, _ client: UnsafeMutablePointer<OpaquePointer?>?,
    _ message: UnsafeMutablePointer<CChar>?,
    _ message_size: Int
) -> slipway_status {
    // Before all else: no lock that a thread of the parent may have held, the log's included, is taken in its fork.
    guard csystem_watch_forks() else {
        let text = "this process was forked from one that was using Slipway. Fork before its first use, or exec"
        write(text, message, message_size)
        return Status.forked.rawValue
    }
    do {
        guard let client else { throw Refusal(.invalidArgument, "client is NULL") }
        guard !Libraries.processIsExiting else { throw Refusal(.closed, "the process is exiting") }
        let handle = ClientTable.reserve()
        let (settings, closed) = try configuration(options)
        let created = try Client(settings) {
            HostCallback.call(of: handle, closed)
            ClientTable.remove(handle)
        }
        ClientTable.add(created, handle)
        client.pointee = OpaquePointer(bitPattern: handle)
        return Status.ok.rawValue
    } catch let refusal as Refusal {
        return tell(refusal.status, refusal.text, message, message_size)
    } catch let failure as Failure {
        return tell(failure.status, failure.hint.isEmpty ? failure.message : "\(failure.message). \(failure.hint)", message, message_size)
    } catch {
        return tell(.internal, "\(error)", message, message_size)
    }
}

@_cdecl("slipway_client_release") @implementation
public func slipway_client_release(_ client: OpaquePointer?) -> slipway_status {
    answer(client) { client throws(Refusal) in client.release() ? .ok : .closed }
}

@_cdecl("slipway_client_close") @implementation
public func slipway_client_close(_ client: OpaquePointer?, _ timeout_ms: UInt32) -> slipway_status {
    let status = answer(client, wouldDeadlock: HostCallback.current != nil) { client throws(Refusal) in
        _ = client.release()
        return client.delivery.waitUntilClosed(deadline: instant(after: timeout_ms)) ? .ok : .deadlineExceeded
    }
    return status == Status.closed.rawValue ? Status.ok.rawValue : status
}

// MARK: Delivery

@_cdecl("slipway_client_poll") @implementation
public func slipway_client_poll(_ client: OpaquePointer?, _ max_callbacks: UInt32, _ delivered: UnsafeMutablePointer<UInt32>?)
    -> slipway_status
{
    answerPolled(client, wouldDeadlock: HostCallback.current == UInt(bitPattern: client)) { delivery throws(Delivery.PollError) in
        let count = try delivery.poll(limit: max_callbacks == 0 ? .max : Int(max_callbacks))
        delivered?.pointee = UInt32(clamping: count)
        return .ok
    }
}

@_cdecl("slipway_client_wait") @implementation
public func slipway_client_wait(_ client: OpaquePointer?, _ timeout_ms: UInt32) -> slipway_status {
    answerPolled(client, wouldDeadlock: HostCallback.current != nil) { delivery throws(Delivery.PollError) in
        try delivery.waitForItems(deadline: instant(after: timeout_ms)) ? .ok : .deadlineExceeded
    }
}

@_cdecl("slipway_client_poll_fd") @implementation
public func slipway_client_poll_fd(_ client: OpaquePointer?, _ fd: UnsafeMutablePointer<Int32>?) -> slipway_status {
    guard let fd else { return Status.invalidArgument.rawValue }
    return answerPolled(client) { delivery throws(Delivery.PollError) in
        fd.pointee = try delivery.pollDescriptor()
        return .ok
    }
}

// MARK: Operations

@_cdecl("slipway_cancel") @implementation
public func slipway_cancel(_ client: OpaquePointer?, _ operation: slipway_operation) -> slipway_status {
    answer(client) { client throws(Refusal) in
        guard Operation.wasIssued(operation) else { return .notFound }
        guard !client.isReleased else { return .closed }
        client.cancel(operation)
        return .ok
    }
}

@_cdecl("slipway_operation_wait") @implementation
public func slipway_operation_wait(_ client: OpaquePointer?, _ operation: slipway_operation, _ timeout_ms: UInt32) -> slipway_status {
    answer(client, wouldDeadlock: HostCallback.current != nil) { client throws(Refusal) in
        guard Operation.wasIssued(operation) else { return .notFound }
        return client.wait(for: operation, deadline: instant(after: timeout_ms)) ? .ok : .deadlineExceeded
    }
}

// MARK: What they have in common

/// `wouldDeadlock`: the caller is inside a callback that this function would wait for.
func answer(
    _ pointer: OpaquePointer?, wouldDeadlock: @autoclosure () -> Bool = false, _ body: (Client) throws(Refusal) -> Status
) -> slipway_status {
    // Before all else, as in slipway_client_create.
    guard csystem_watch_forks() else { return Status.forked.rawValue }
    guard !wouldDeadlock() else { return Status.wouldDeadlock.rawValue }
    do throws(Refusal) {
        return try body(ClientTable.find(pointer)).rawValue
    } catch {
        Log.error("a call was refused: \(error.text)")
        return error.status.rawValue
    }
}

private func answerPolled(
    _ pointer: OpaquePointer?, wouldDeadlock: @autoclosure () -> Bool = false, _ body: (Delivery) throws(Delivery.PollError) -> Status
) -> slipway_status {
    answer(pointer, wouldDeadlock: wouldDeadlock()) { client throws(Refusal) in
        do throws(Delivery.PollError) {
            return try body(client.delivery)
        } catch {
            throw error == .isClosed
                ? Refusal(.closed, "the client was closed") : Refusal(.invalidArgument, "the client was not created for polling")
        }
    }
}

/// Nil: never. At the end of the process: now, since nothing that is waited for will happen.
private func instant(after milliseconds: UInt32) -> ContinuousClock.Instant? {
    guard !Libraries.processIsExiting else { return .now }
    return milliseconds == Configuration.forever ? nil : .now + .milliseconds(Int64(milliseconds))
}

// MARK: Creation

private func configuration(_ pointer: UnsafePointer<slipway_client_options>?) throws(Refusal) -> (Configuration, @Sendable () -> Void) {
    let options = pointer == nil ? slipway_client_options() : try HostStruct.read(pointer, "options")
    var configuration = Configuration()
    guard let delivery = Delivery.Mode(rawValue: options.delivery) else {
        throw Refusal(.unsupportedOption, "options->delivery is \(options.delivery): not one of SLIPWAY_DELIVERY_...")
    }
    configuration.delivery = delivery
    configuration.streampixelBaseURL = try HostStruct.text(options.streampixel_base_url, "streampixel_base_url")
    configuration.streampixelKey = try HostStruct.text(options.streampixel_api_key, "streampixel_api_key")
    configuration.streampixelUser = try HostStruct.text(options.streampixel_user_id, "streampixel_user_id")
    configuration.enterMediaBaseURL = try HostStruct.text(options.entermedia_base_url, "entermedia_base_url")
    configuration.enterMediaKey = try HostStruct.text(options.entermedia_key, "entermedia_key")
    configuration.enterMediaUser = try HostStruct.text(options.entermedia_user, "entermedia_user")
    configuration.enterMediaPassword = try HostStruct.text(options.entermedia_password, "entermedia_password")
    configuration.proxy = try HostStruct.text(options.proxy, "proxy")
    configuration.caBundle = try HostStruct.text(options.ca_bundle, "ca_bundle")
    configuration.userAgent = try HostStruct.text(options.user_agent, "user_agent")
    configuration.connectTimeout = options.connect_timeout_ms
    configuration.idleTimeout = options.idle_timeout_ms
    configuration.deadline = options.deadline_ms
    configuration.maxAttempts = options.max_attempts
    configuration.retryDelay = options.retry_delay_ms
    configuration.maxConnections = options.max_connections
    configuration.rateWindow = options.streampixel_rate_window_ms
    configuration.allowsInsecure = options.allow_insecure != 0
    configuration.completeFromEnvironment()
    let host = HostPointer(pointer: options.on_closed_user_data)
    let onClosed = options.on_closed
    return (configuration, { onClosed?(host.pointer) })
}

private func tell(_ status: Status, _ text: String, _ message: UnsafeMutablePointer<CChar>?, _ size: Int) -> slipway_status {
    Log.error("no client was created: \(text)")
    write(text.inOneLine, message, size)
    return status.rawValue
}

/// Puts a text into the caller's buffer, cut at the end of a character.
private func write(_ text: String, _ message: UnsafeMutablePointer<CChar>?, _ size: Int) {
    // A size_t beyond Int arrives as a negative number.
    let size = size < 0 ? Int.max : size
    guard let message, size > 0 else { return }
    var bytes = Array(text.utf8.prefix(size - 1))
    if bytes.count < text.utf8.count {
        while let last = bytes.last, last & 0xC0 == 0x80 { bytes.removeLast() }
        if let last = bytes.last, last & 0x80 != 0 { bytes.removeLast() }
    }
    for (index, byte) in bytes.enumerated() { message[index] = CChar(bitPattern: byte) }
    message[bytes.count] = 0
}
