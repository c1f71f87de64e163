import CCurl

/// One HTTP request of the emulator's own, made on the calling thread, which waits for it: a download of a build, or a webhook.
/// Redirects are answers like any other; they are not followed.
///
/// Plain blocking libcurl, not SlipwayHTTP: each of these has a thread of its own anyway, and the emulator must not share the
/// library's decisions (retries, redirects) when it stands in for somebody else's server.
struct Transfer {
    enum Method {
        case get
        case post(json: [UInt8])
    }

    /// How it ended.
    enum Outcome: Equatable {
        /// An answer was received to its end.
        case answered(status: Int, contentType: String)
        /// `receive` refused the answer, or `isCancelled` came true.
        case stopped
        /// No complete answer; a text that says why.
        case failed(String)
    }

    let method: Method
    let url: String
    /// For all of it; 0: no limit.
    var timeout = 0
    /// Seconds without a byte after which it fails; 0: no limit.
    var idleSeconds = 0
    /// A file with the certificates to trust for https; nil: the system's.
    var trust: String?

    /// Makes the request. `receive` gets the status and each piece of the body and says whether to go on. `isCancelled` is asked
    /// about once a second, and with every piece.
    func perform(
        isCancelled: @escaping () -> Bool, receive: @escaping (_ status: Int, _ piece: UnsafeRawBufferPointer) -> Bool
    ) -> Outcome {
        var problem = [CChar](repeating: 0, count: 256)
        guard ccurl_load(&problem, problem.count) == 0 else {
            return .failed(String(decoding: problem.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
        }
        guard let easy = ccurl_easy_init() else {
            return .failed("libcurl gave no handle")
        }
        defer { ccurl_easy_cleanup(easy) }
        let context = Context(easy: easy, isCancelled: isCancelled, receive: receive)
        var headers: UnsafeMutablePointer<curl_slist>?
        defer { ccurl_slist_free_all(headers) }

        var codes = [
            ccurl_easy_setopt_string(easy, CURLOPT_URL, url),
            ccurl_easy_setopt_string(easy, CURLOPT_PROTOCOLS_STR, "http,https"),
            ccurl_easy_setopt_string(easy, CURLOPT_USERAGENT, "slipway-emulator"),
            ccurl_easy_setopt_string(easy, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1"),
            ccurl_easy_setopt_long(easy, CURLOPT_NOSIGNAL, 1),
            ccurl_easy_setopt_long(easy, CURLOPT_FOLLOWLOCATION, 0),
            ccurl_easy_setopt_long(easy, CURLOPT_CONNECTTIMEOUT_MS, 10_000),
            ccurl_easy_setopt_long(easy, CURLOPT_TIMEOUT_MS, timeout),
            ccurl_easy_setopt_long(easy, CURLOPT_LOW_SPEED_LIMIT, 1),
            ccurl_easy_setopt_long(easy, CURLOPT_LOW_SPEED_TIME, idleSeconds),
            ccurl_easy_setopt_long(easy, CURLOPT_BUFFERSIZE, 256 * 1024),
            ccurl_easy_setopt_long(easy, CURLOPT_NOPROGRESS, 0),
            ccurl_easy_setopt_write(easy, receivePiece, Unmanaged.passUnretained(context).toOpaque()),
            ccurl_easy_setopt_xferinfo(easy, reportProgress, Unmanaged.passUnretained(context).toOpaque()),
        ]
        if let trust {
            codes.append(ccurl_easy_setopt_string(easy, CURLOPT_CAINFO, trust))
        }
        if case .post(let body) = method {
            for line in ["Content-Type: application/json", "Expect:"] {
                guard let longer = ccurl_slist_append(headers, line) else {
                    return .failed("out of memory")
                }
                headers = longer
            }
            codes.append(ccurl_easy_setopt_slist(easy, CURLOPT_HTTPHEADER, headers))
            codes.append(ccurl_easy_setopt_off(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
            // Copied by libcurl, so that `body` need not stay where it is.
            codes.append(
                body.withUnsafeBytes { bytes in
                    ccurl_easy_setopt_pointer(easy, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
                })
        }
        if let code = codes.first(where: { $0 != CURLE_OK }) {
            return .failed(Self.text(code))
        }

        let code = withExtendedLifetime(context) { ccurl_easy_perform(easy) }
        switch code {
        case CURLE_OK:
            var type: UnsafePointer<CChar>?
            ccurl_easy_getinfo_string(easy, CURLINFO_CONTENT_TYPE, &type)
            return .answered(status: context.status, contentType: type.map { String(cString: $0) } ?? "")
        case CURLE_WRITE_ERROR, CURLE_ABORTED_BY_CALLBACK:
            return .stopped
        default:
            return .failed(Self.text(code))
        }
    }

    private static func text(_ code: CURLcode) -> String {
        ccurl_easy_strerror(code).map { String(cString: $0) } ?? "libcurl error \(code.rawValue)"
    }

    /// What libcurl's callbacks need; used on the thread that performs the transfer only.
    private final class Context {
        let easy: OpaquePointer
        let isCancelled: () -> Bool
        let receive: (Int, UnsafeRawBufferPointer) -> Bool

        init(easy: OpaquePointer, isCancelled: @escaping () -> Bool, receive: @escaping (Int, UnsafeRawBufferPointer) -> Bool) {
            self.easy = easy
            self.isCancelled = isCancelled
            self.receive = receive
        }

        var status: Int {
            var status = 0
            ccurl_easy_getinfo_long(easy, CURLINFO_RESPONSE_CODE, &status)
            return status
        }
    }

    private let receivePiece: curl_write_callback = { pointer, size, count, argument in
        let (length, overflow) = size.multipliedReportingOverflow(by: count)
        guard let pointer, let argument, !overflow else { return 0 }
        let context = Unmanaged<Context>.fromOpaque(argument).takeUnretainedValue()
        let goesOn = !context.isCancelled() && context.receive(context.status, UnsafeRawBufferPointer(start: pointer, count: length))
        // Any other number than `length` makes libcurl end the transfer.
        return goesOn ? length : length &+ 1
    }

    private let reportProgress: curl_xferinfo_callback = { argument, _, _, _, _ in
        guard let argument else { return 1 }
        return Unmanaged<Context>.fromOpaque(argument).takeUnretainedValue().isCancelled() ? 1 : 0
    }
}
