import CMicrohttpd
import Synchronization

/// What a server's callbacks need. libmicrohttpd calls them on the threads of its connections, several at a time.
final class ServerContext: Sendable {
    private let isSecure: Bool
    private let pause: Pause
    private let takesForm: Server.FormRule
    private let handler: Server.Handler

    /// Over all servers of the process, so that a connection's number says which one it is.
    private static let connections = Atomic(0)

    init(isSecure: Bool, pause: Pause, takesForm: @escaping Server.FormRule, handler: @escaping Server.Handler) {
        self.isSecure = isSecure
        self.pause = pause
        self.takesForm = takesForm
        self.handler = handler
    }

    /// MHD_OPTION_URI_LOG_CALLBACK's function, which has no name in C.
    typealias Begin = @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) -> UnsafeMutableRawPointer?

    /// A request that is being received; it belongs to the thread of its connection.
    private final class Incoming {
        let target: String
        var hasHeaders = false
        var received = 0
        var body: [UInt8] = []
        /// Takes the body apart, for the requests whose bodies are forms.
        var form: MultipartReader?

        init(target: String) { self.target = target }
    }

    // The four callbacks, in the order in which libmicrohttpd calls them.

    static let connection: MHD_NotifyConnectionCallback = { _, _, stored, event in
        guard event == .CONNECTION_NOTIFY_STARTED else { return }
        let (_, number) = connections.add(1, ordering: .relaxed)
        stored?.pointee = UnsafeMutableRawPointer(bitPattern: number)
    }

    static let begin: Begin = { _, target, _ in
        Unmanaged.passRetained(Incoming(target: target.map { String(cString: $0) } ?? "")).toOpaque()
    }

    static let handle: MHD_AccessHandlerCallback = { context, connection, _, method, _, data, size, state in
        guard let context, let connection, let method, let size, let pointer = state?.pointee else { return .NO }
        let server = Unmanaged<ServerContext>.fromOpaque(context).takeUnretainedValue()
        let incoming = Unmanaged<Incoming>.fromOpaque(pointer).takeUnretainedValue()
        guard incoming.hasHeaders || size.pointee > 0 else {
            // Called for the headers only. The next call without data is the end of the request.
            incoming.hasHeaders = true
            incoming.form = server.formReader(incoming, method: String(cString: method), on: connection)
            return .YES
        }
        if size.pointee > 0 {
            let piece = UnsafeRawBufferPointer(start: data, count: size.pointee)
            size.pointee = 0
            incoming.hasHeaders = true
            incoming.received += piece.count
            incoming.body += piece.prefix(max(0, Server.bodyLimit - incoming.body.count))
            if let form = incoming.form {
                form.read(piece)
                return .YES
            }
            return incoming.received <= Server.bodyPatience ? .YES : .NO
        }
        return server.answer(incoming, method: String(cString: method), on: connection)
    }

    static let end: MHD_RequestCompletedCallback = { _, _, state, _ in
        guard let pointer = state?.pointee else { return }
        state?.pointee = nil
        Unmanaged<Incoming>.fromOpaque(pointer).release()
    }

    private func answer(_ incoming: Incoming, method: String, on connection: OpaquePointer) -> MHD_Result {
        let request = Request(
            method: method, target: incoming.target, headers: Self.headers(of: connection), body: incoming.body,
            bodyIsTooLarge: incoming.received > incoming.body.count, form: incoming.form?.finish(),
            connection: Int(bitPattern: cmicrohttpd_connection_context(connection)), isSecure: isSecure)
        var reply = handler(request)
        // libmicrohttpd sends the end of a chunked body also where there is none: the connection's next answer would begin with it.
        if method == "HEAD" {
            reply.response.isChunked = false
            if reply.response.body.length == nil { reply.response.headers.append(("Connection", "close")) }
        }
        guard !reply.delivery.isWithheld, let response = ResponseWriter.response(for: reply, pause: pause) else { return .NO }
        defer { MHD_destroy_response(response) }
        return MHD_queue_response(connection, UInt32(clamping: reply.response.status), response)
    }

    /// The reader of a request's body if it is a form that somebody waits for.
    private func formReader(_ incoming: Incoming, method: String, on connection: OpaquePointer) -> MultipartReader? {
        guard takesForm(method, incoming.target.prefix { $0 != "?" }),
            let type = MHD_lookup_connection_value(connection, .HEADER_KIND, "Content-Type")
        else { return nil }
        return MultipartReader(contentType: String(cString: type))
    }

    private static func headers(of connection: OpaquePointer) -> [(name: String, value: String)] {
        final class List {
            var headers: [(name: String, value: String)] = []
        }
        let list = List()
        withExtendedLifetime(list) {
            _ = MHD_get_connection_values(
                connection, .HEADER_KIND,
                { list, _, name, value in
                    if let list, let name {
                        Unmanaged<List>.fromOpaque(list).takeUnretainedValue()
                            .headers.append((String(cString: name), value.map { String(cString: $0) } ?? ""))
                    }
                    return .YES
                }, Unmanaged.passUnretained(list).toOpaque())
        }
        return list.headers
    }
}
