/// Sends requests and gives responses: bounded connections, redirects by rule, a debug line for each exchange.
///
/// Belongs to the loop's thread, like the actor that owns it.
package final class HTTPClient {
    package struct Configuration: Sendable {
        package var userAgent = "Slipway"
        package var connectTimeoutMilliseconds = 15_000
        package var idleTimeoutSeconds = 60
        package var maxConnections = 64
        /// Nil: as the environment says. Empty: none.
        package var proxy: String?
        /// It is on this machine: what goes to it is seen by nobody else.
        package var isProxyLocal = false
        package var caBundle: String?
        package var redaction = Redaction()

        package init() {}
    }

    package let loop: EventLoop
    package let configuration: Configuration

    private var idle: [Transfer] = []
    private var inUse = 0
    private var waiting = Queue<Suspension<Void>>()

    package init(on loop: EventLoop, _ configuration: Configuration) {
        self.loop = loop
        self.configuration = configuration
        loop.run { [connections = configuration.maxConnections] in loop.keep(connections: connections) }
    }

    /// One request, redirects followed as it says. Throws `TransferFailure`, `SourceFile.Problem`, `Shortage` or `CancellationError`.
    package func send(_ request: Request) async throws -> Response {
        var request = request
        var redirects = 0
        while true {
            let response = try await exchange(request)
            guard response.status >= 300, request.redirects == .sameHost, Self.isRedirect(response.status) else { return response }
            guard let location = response.header("location") else { return response }
            if let end = request.reportsRedirectTo, location.prefix(while: { $0 != "?" }).hasSuffix(end) { return response }
            redirects += 1
            guard redirects <= Self.maxRedirects else {
                throw TransferFailure(
                    .protocol, "more than \(Self.maxRedirects) redirects in a row", wasSent: true, httpStatus: response.status)
            }
            request.url = try Self.follow(location, from: request.url, response.status)
        }
    }

    private static func isRedirect(_ status: Int) -> Bool { status == 301 || status == 302 || status == 307 || status == 308 }

    private static let maxRedirects = 5

    private static func follow(_ location: String, from current: String, _ status: Int) throws(TransferFailure) -> String {
        func refused(_ why: String) -> TransferFailure { TransferFailure(.protocol, why, wasSent: true, httpStatus: status) }
        let there: URL?
        let here: URL?
        do throws(Shortage) {
            here = try URL(parsing: current)
            there = try here?.resolving(location)
        } catch {
            throw TransferFailure(error, wasSent: true, httpStatus: status)
        }
        guard let here, let there else { throw refused("redirected to something that is not an http or https URL") }
        guard there.isSecure || !here.isSecure else { throw refused("redirected from https to http: not followed") }
        // Another port is another server, unless it is where the same host speaks TLS, which its certificate proves.
        guard there.host == here.host, there.port == here.port || there.isSecure && !here.isSecure, !there.hasUserInfo else {
            let server = "\(there.host):\(there.port)"
            throw refused("redirected to another server, \(server): not followed, since the request carries a key")
        }
        return there.text
    }

    private func exchange(_ request: Request) async throws -> Response {
        let transfer = try await takeTransfer()
        defer { giveBack(transfer) }
        guard Log.isEnabled(.debug) else { return try await transfer.run(request) }

        let start = ContinuousClock.now
        let name = "\(request.method.rawValue) \(request.url)"
        logRequest(name, request)
        do {
            let response = try await transfer.run(request)
            logResponse(name, response, hidden: request.hidesAnswer, start.duration(to: .now))
            return response
        } catch {
            let reason =
                (error as? TransferFailure)?.text ?? (error as? SourceFile.Problem)?.text ?? (error as? Shortage)?.text ?? "cancelled"
            Log.debug(configuration.redaction("\(name) failed after \(start.duration(to: .now).milliseconds) ms: \(reason)"))
            throw error
        }
    }

    private func logRequest(_ name: String, _ request: Request) {
        let file =
            request.form.map { " a form with a file of \($0.file.size) bytes" }
            ?? request.slice.map { " \($0.size) bytes from offset \($0.range.lowerBound) of the file" } ?? ""
        Log.debug(configuration.redaction(name) + (request.body.map { " \(excerpt($0))" } ?? file))
    }

    private func logResponse(_ name: String, _ response: Response, hidden: Bool, _ time: Duration) {
        let body = hidden ? "not shown" : excerpt(response.body)
        let answer = "\(response.status), \(response.body.count) bytes in \(time.milliseconds) ms: \(body)"
        Log.debug("\(configuration.redaction(name)) answered \(answer)")
    }

    /// Enough of a body to see what it is. Cleaned before it is cut: half a secret would not be recognised.
    private func excerpt(_ body: [UInt8]) -> String {
        let text = configuration.redaction(String(decoding: body.prefix(64 << 10), as: UTF8.self))
        return text.utf8.count <= 2048 ? text : String(decoding: text.utf8.prefix(2048), as: UTF8.self) + "..."
    }

    // MARK: Connections

    /// How many more requests could be under way now.
    package var room: Int { configuration.maxConnections - inUse }

    private func takeTransfer() async throws -> Transfer {
        if inUse >= configuration.maxConnections {
            let turn = Suspension<Void>(on: loop)
            waiting.append(turn)
            // Whoever gives a transfer back leaves its place in `inUse` to this one.
            try await turn.wait()
        } else {
            inUse += 1
        }
        do {
            return try idle.popLast() ?? Transfer(on: loop, configuration)
        } catch {
            passOnPlace()
            throw error
        }
    }

    private func giveBack(_ transfer: Transfer) {
        idle.append(transfer)
        passOnPlace()
    }

    private func passOnPlace() {
        while let next = waiting.popFirst() {
            if next.resume(returning: ()) { return }
        }
        inUse -= 1
    }
}

extension Duration {
    /// Whole milliseconds, rounded up.
    package var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflows) = seconds.multipliedReportingOverflow(by: 1000)
        return overflows ? .max : whole.addingReportingOverflow((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000).partialValue
    }
}
