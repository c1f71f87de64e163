import Testing

@testable import SlipwayHTTP

/// A client of its own on a loop of its own.
struct Sender: Sendable {
    let resident: Resident
    private let http: Unchecked<HTTPClient>

    /// `body` runs outside of the loop.
    static func with(idleTimeout: Int = 30, _ body: (Sender) async throws -> Void) async throws {
        try await Resident.with { resident in
            let http = await resident.run { resident in
                var configuration = HTTPClient.Configuration()
                configuration.proxy = ""
                configuration.idleTimeoutSeconds = idleTimeout
                return Unchecked(HTTPClient(on: resident.loop, configuration))
            }
            try await body(Sender(resident: resident, http: http))
        }
    }

    func send(_ request: Request) async throws -> Response {
        return try await resident.run { [http] _ in try await http.value.send(request) }
    }

    func put(
        _ url: String, _ file: SourceFile, _ range: Range<Int>, headers: [String] = ["Expect:"], isPatient: Bool = false, pace: Pace? = nil,
        onSent: @escaping @Sendable (UInt64) -> Void = { _ in }
    ) async throws -> Response {
        var request = Request(.put, url, headers: headers)
        request.slice = FileSlice(file: file, range: UInt64(range.lowerBound)..<UInt64(range.upperBound), pace: pace, onSent: onSent)
        request.redirects = .report
        request.isPatient = isPatient
        return try await send(request)
    }
}

/// What belongs to a loop, on its way there.
struct Unchecked<Value>: @unchecked Sendable {
    // Unchecked: touched on the loop's thread only.
    let value: Value

    init(_ value: Value) { self.value = value }
}

extension Monitor {
    /// What `body` gives as soon as it gives something. Blocks no thread of Swift's, of which there may be two.
    @discardableResult
    func soon<Result: Sendable>(_ body: (inout Value) -> Result?) async throws -> Result {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if let result = withLock(body) { return result }
            try await Task.sleep(for: .milliseconds(1))
        }
        let last = withLock(body)
        return try #require(last, "it did not come")
    }
}
