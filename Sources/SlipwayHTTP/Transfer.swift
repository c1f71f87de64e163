internal import CCurl

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// One of libcurl's handles, used for one request after another: setting one up anew costs more than a short request.
///
/// Belongs to the loop's thread.
final class Transfer {
    let easy: OpaquePointer
    private let loop: EventLoop
    /// It is part of libcurl's set of running transfers.
    var isRunning = false
    let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    let notes = UnsafeMutablePointer<ccurl_notes>.allocate(capacity: 1)
    private var headers: UnsafeMutablePointer<curl_slist>?
    /// What the handle is set up for.
    private var last: Request?
    private let idleTimeout: Int
    private let isProxyLocal: Bool
    private var avoidsProxy = false
    /// The largest body that the handle is set up to begin with. 0: any.
    private var largestBody = 0
    /// Seconds without a byte that the handle is set up to bear.
    var patience: Int

    private var suspension: Suspension<CURLcode>?
    private var body: [UInt8] = []
    var bodyLimit = 0
    var isOverLimit = false
    private var file: FileBody?
    private var form: FormBody?

    /// Throws when a setting of the client cannot be used, and when there is no memory.
    init(on loop: EventLoop, _ configuration: HTTPClient.Configuration) throws(TransferFailure) {
        guard let easy = ccurl_easy_init() else { throw TransferFailure(.memory) }
        self.easy = easy
        self.loop = loop
        idleTimeout = configuration.idleTimeoutSeconds
        isProxyLocal = configuration.isProxyLocal
        patience = idleTimeout
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        notes.initialize(to: ccurl_notes())
        try setUp(configuration)
    }

    deinit {
        ccurl_easy_cleanup(easy)
        ccurl_slist_free_all(headers)
        errorText.deallocate()
        notes.deallocate()
    }

    private func setUp(_ configuration: HTTPClient.Configuration) throws(TransferFailure) {
        let this = Unmanaged.passUnretained(self).toOpaque()
        let text = configuration
        var codes = [
            ccurl_easy_setopt_long(easy, CURLOPT_NOSIGNAL, 1),
            ccurl_easy_setopt_string(easy, CURLOPT_PROTOCOLS_STR, "http,https"),
            ccurl_easy_setopt_long(easy, CURLOPT_FOLLOWLOCATION, 0),
            ccurl_easy_setopt_long(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
            ccurl_easy_setopt_string(easy, CURLOPT_USERAGENT, text.userAgent),
            ccurl_easy_setopt_long(easy, CURLOPT_CONNECTTIMEOUT_MS, text.connectTimeoutMilliseconds),
            ccurl_easy_setopt_long(easy, CURLOPT_LOW_SPEED_LIMIT, 1),
            ccurl_easy_setopt_long(easy, CURLOPT_LOW_SPEED_TIME, text.idleTimeoutSeconds),
            ccurl_easy_setopt_pointer(easy, CURLOPT_ERRORBUFFER, errorText),
            ccurl_easy_setopt_pointer(easy, CURLOPT_PRIVATE, this),
            ccurl_easy_take_notes(easy, notes),
            // The callbacks of a transfer run inside curl_multi_perform on the loop's thread, while its owner waits for it.
            ccurl_easy_setopt_write(
                easy, { bytes, size, count, this in Transfer.receive(bytes, size, count, this) }, this),
        ]
        if let proxy = text.proxy { codes.append(ccurl_easy_setopt_string(easy, CURLOPT_PROXY, proxy)) }
        if let bundle = text.caBundle { codes.append(ccurl_easy_setopt_string(easy, CURLOPT_CAINFO, bundle)) }
        if let code = codes.first(where: { $0 != CURLE_OK }) {
            guard code != CURLE_OUT_OF_MEMORY else { throw TransferFailure(.memory) }
            throw TransferFailure(.setup, "libcurl refuses a setting of this client: \(Self.text(of: code))", wasSent: false)
        }
    }

    /// Makes the request. Throws `TransferFailure`, `SourceFile.Problem`, `Shortage`, or `CancellationError` when the task is cancelled: the transfer is
    /// broken off then.
    func run(_ request: Request) async throws -> Response {
        body = []
        (bodyLimit, isOverLimit) = (request.bodyLimit, false)
        errorText[0] = 0
        notes.pointee = ccurl_notes()
        if let (file, range) = request.file, range.isEmpty {
            // libcurl never asks for it.
            try await loop.offload { try file.checkPath() }
        }
        defer {
            self.suspension = nil
            loop.abandon(self)
            endFile()
        }
        switch prepare(request) {
        case CURLE_OK: break
        case CURLE_OUT_OF_MEMORY: throw TransferFailure(.memory)
        default: throw TransferFailure(.setup, "libcurl refuses the request", wasSent: false)
        }
        let suspension = Suspension<CURLcode>(on: loop)
        self.suspension = suspension
        guard loop.begin(self) else { throw TransferFailure(.memory) }
        let code = try await suspension.wait()
        if code == CURLE_OK || isOverLimit && request.stopsAtLimit {
            let status = status
            guard notes.pointee.is_head_whole else { throw failure(CURLE_PARTIAL_FILE) }
            if request.slice != nil, (200...299).contains(status), file?.isWhole == false {
                throw TransferFailure(
                    .protocol, "the server answered \(status) before it had got the whole body", wasSent: true, httpStatus: status)
            }
            // Headers say nothing that is needed when all is well, and most of the time it is. To a HEAD they are the answer.
            let isNoNews = status == 200 && request.redirects == .sameHost && request.method != .head && request.slice == nil
            return Response(status: status, body: body, head: isNoNews ? [] : head)
        }
        if let problem = file?.problem { throw problem }
        throw failure(code)
    }

    /// The transfer that a running handle belongs to: it lives as long as it runs, since its owner waits for it.
    static func of(_ easy: OpaquePointer) -> Transfer? {
        var this: UnsafeMutableRawPointer?
        guard ccurl_easy_getinfo_pointer(easy, CURLINFO_PRIVATE, &this) == CURLE_OK, let this else { return nil }
        return Unmanaged<Transfer>.fromOpaque(this).takeUnretainedValue()
    }

    /// Called by the loop when libcurl has finished the transfer.
    func finish(_ code: CURLcode) { suspension?.resume(returning: code) }

    /// Sets what is different from the request before: many requests to one service are alike, and each setting costs.
    private func prepare(_ request: Request) -> CURLcode {
        var code = CURLE_OK
        func set(_ result: CURLcode) { if code == CURLE_OK { code = result } }
        if last?.url != request.url {
            set(ccurl_easy_setopt_string(easy, CURLOPT_URL, request.url))
            // Keys may go to this machine in the clear because nobody sees them: a proxy elsewhere would.
            do throws(Shortage) {
                let url = isProxyLocal || request.url.hasPrefix("https://") ? nil : try URL(parsing: request.url)
                let staysHere = url.map { !$0.isSecure && $0.isLoopback } ?? false
                if staysHere != avoidsProxy { set(ccurl_easy_setopt_string(easy, CURLOPT_NOPROXY, staysHere ? "*" : nil)) }
                if code == CURLE_OK { avoidsProxy = staysHere }
            } catch {
                set(CURLE_OUT_OF_MEMORY)
            }
        }
        if last?.method != request.method || request.body == nil {
            // HTTPGET clears what NOBODY and POST have left.
            set(ccurl_easy_setopt_long(easy, CURLOPT_HTTPGET, 1))
            if request.method == .head { set(ccurl_easy_setopt_long(easy, CURLOPT_NOBODY, 1)) }
            let isCustom = request.method == .put || request.method == .delete
            set(ccurl_easy_setopt_string(easy, CURLOPT_CUSTOMREQUEST, isCustom ? request.method.rawValue : nil))
        }
        bear(request.isPatient && request.file == nil ? longPatience : idleTimeout)
        if let form = request.form {
            set(prepare(form))
        } else if let slice = request.slice {
            set(prepare(slice, isPatient: request.isPatient))
        } else if let body = request.body ?? (request.method == .post || request.method == .put ? [] : nil) {
            set(ccurl_easy_setopt_long(easy, CURLOPT_POST, 1))
            set(ccurl_easy_setopt_off(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(clamping: body.count)))
            set(
                body.withUnsafeBytes { bytes in
                    // An empty text, not NULL: without one libcurl would read a body from stdin.
                    let start = bytes.isEmpty ? nil : UnsafeMutableRawPointer(mutating: bytes.baseAddress)
                    guard let start else { return ccurl_easy_setopt_string(easy, CURLOPT_COPYPOSTFIELDS, "") }
                    return ccurl_easy_setopt_pointer(easy, CURLOPT_COPYPOSTFIELDS, start)
                })
        }
        if last?.isOnlyOnce != request.isOnlyOnce { set(ccurl_easy_setopt_long(easy, CURLOPT_FRESH_CONNECT, request.isOnlyOnce ? 1 : 0)) }
        if last?.isPathAsIs != request.isPathAsIs { set(ccurl_easy_setopt_long(easy, CURLOPT_PATH_AS_IS, request.isPathAsIs ? 1 : 0)) }
        if last?.headers != request.headers { set(prepare(headers: request.headers)) }
        // The start of a large body may be all that is wanted, and a HEAD tells the length of one that does not come.
        let largest = request.stopsAtLimit || request.method == .head ? 0 : request.bodyLimit
        if largestBody != largest { set(ccurl_easy_setopt_off(easy, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(largest))) }
        largestBody = largest
        last = code == CURLE_OK && request.file == nil ? request : nil
        return code
    }

    private func prepare(headers lines: [String]) -> CURLcode {
        var list: UnsafeMutablePointer<curl_slist>?
        var isWhole = true
        for line in lines where isWhole {
            let longer = ccurl_slist_append(list, line)
            isWhole = longer != nil
            list = longer ?? list
        }
        if !isWhole {
            // A request without some of its headers is another request.
            ccurl_slist_free_all(list)
            list = nil
        }
        let code = ccurl_easy_setopt_slist(easy, CURLOPT_HTTPHEADER, list)
        ccurl_slist_free_all(headers)
        headers = list
        return isWhole ? code : CURLE_OUT_OF_MEMORY
    }

    /// libcurl takes so much of a file at a time; more than its own 64 KB costs less for each byte.
    private static let uploadBufferSize = 384 << 10

    /// A server that has got gigabytes may be silent for minutes while it puts them where they belong.
    private var longPatience: Int { idleTimeout.multipliedReportingOverflow(by: 10).partialValue }

    private func bear(_ seconds: Int) {
        guard patience != seconds else { return }
        patience = seconds
        _ = ccurl_easy_setopt_long(easy, CURLOPT_LOW_SPEED_TIME, seconds)
    }

    private func prepare(_ form: Form) -> CURLcode {
        let file = begin(form.file, 0..<form.file.size, isPatient: true, onSent: form.onSent)
        guard let body = FormBody(form, file, for: easy) else { return CURLE_OUT_OF_MEMORY }
        self.form = body
        return ccurl_easy_setopt_mime(easy, body.mime)
    }

    private func prepare(_ slice: FileSlice, isPatient: Bool) -> CURLcode {
        let file = begin(slice.file, slice.range, pace: slice.pace, isPatient: isPatient, onSent: slice.onSent)
        let this = Unmanaged.passUnretained(file).toOpaque()
        let codes = [
            ccurl_easy_setopt_long(easy, CURLOPT_UPLOAD, 1),
            ccurl_easy_setopt_off(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(clamping: slice.size)),
            ccurl_easy_setopt_read(easy, { FileBody.read($0, $1, $2, $3) }, this),
            ccurl_easy_setopt_seek(easy, { FileBody.seek($0, $1, $2) }, this),
            ccurl_easy_setopt_prereq(easy, { this, _, _, _, _ in FileBody.begin(this) }, this),
        ]
        return codes.first { $0 != CURLE_OK } ?? CURLE_OK
    }

    private func begin(
        _ source: SourceFile, _ range: Range<UInt64>, pace: Pace? = nil, isPatient: Bool, onSent: @escaping (UInt64) -> Void
    ) -> FileBody {
        let transfer = Weak(self)
        let body = FileBody(
            source, range, pace: pace, onSent: onSent,
            onEnd: { [unowned self] in
                // What the server has not got of it would be the beginning of the next request.
                _ = ccurl_easy_setopt_long(easy, CURLOPT_FORBID_REUSE, 0)
                if isPatient { bear(longPatience) }
            },
            onRewind: { [unowned self] in
                _ = ccurl_easy_setopt_long(easy, CURLOPT_FORBID_REUSE, 1)
                bear(idleTimeout)
            },
            goOn: { [loop] in loop.run { transfer.object?.goOn() } })
        file = body
        _ = ccurl_easy_setopt_long(easy, CURLOPT_FORBID_REUSE, range.isEmpty ? 0 : 1)
        // A large body has nothing to share a connection with, and HTTP/2's windows would slow it down.
        _ = ccurl_easy_setopt_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        // No more than there is to send: through malloc a large block moves the threshold from which the whole process takes pages of their own.
        let bufferSize = max(64 << 10, min(Self.uploadBufferSize, Int(clamping: range.upperBound - range.lowerBound)))
        _ = ccurl_easy_setopt_long(easy, CURLOPT_UPLOAD_BUFFERSIZE, bufferSize)
        return body
    }

    /// The file's next piece is there, or its turn has come: a transfer that was waiting for it goes on.
    private func goOn() {
        guard isRunning, file != nil else { return }
        // libcurl may have noted the pause without having paused: it got some bytes before it was told that there are no more for now.
        // Paused for certain, it can be made to go on for certain.
        _ = ccurl_easy_pause(easy, CURLPAUSE_SEND)
        _ = ccurl_easy_pause(easy, CURLPAUSE_CONT)
    }

    /// The handle must not keep what is about to be freed, nor its large buffer.
    private func endFile() {
        guard file != nil else { return }
        _ = ccurl_easy_setopt_mime(easy, nil)
        _ = ccurl_easy_setopt_read(easy, nil, nil)
        _ = ccurl_easy_setopt_seek(easy, nil, nil)
        _ = ccurl_easy_setopt_prereq(easy, nil, nil)
        _ = ccurl_easy_setopt_long(easy, CURLOPT_HTTPGET, 1)
        _ = ccurl_easy_setopt_long(easy, CURLOPT_FORBID_REUSE, 0)
        _ = ccurl_easy_setopt_long(easy, CURLOPT_UPLOAD_BUFFERSIZE, 64 << 10)
        _ = ccurl_easy_setopt_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        (form, file) = (nil, nil)
    }

    var status: Int {
        var status = 0
        _ = ccurl_easy_getinfo_long(easy, CURLINFO_RESPONSE_CODE, &status)
        return status
    }

    /// The headers of the answer, as lines.
    private var head: [UInt8] {
        var head: [UInt8] = []
        var next = ccurl_easy_nextheader(easy, nil)
        while let header = next {
            if let name = header.pointee.name, let value = header.pointee.value {
                head += UnsafeRawBufferPointer(start: name, count: strlen(name))
                head += ": ".utf8
                head += UnsafeRawBufferPointer(start: value, count: strlen(value))
                head += "\r\n".utf8
            }
            next = ccurl_easy_nextheader(easy, header)
        }
        return head
    }

    /// What another thread may hold of a transfer: it goes with the last reference of the loop's.
    private final class Weak: @unchecked Sendable {
        // Unchecked: looked at on the loop's thread only.
        weak var object: Transfer?

        init(_ object: Transfer) { self.object = object }
    }

    // MARK: What libcurl gives

    private static func receive(
        _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ this: UnsafeMutableRawPointer?
    ) -> Int {
        guard let this, let bytes else { return 0 }
        let transfer = Unmanaged<Transfer>.fromOpaque(this).takeUnretainedValue()
        let (length, overflows) = size.multipliedReportingOverflow(by: count)
        guard !overflows, transfer.receive(body: UnsafeRawBufferPointer(start: bytes, count: length)) else { return 0 }
        return length
    }

    private func receive(body bytes: UnsafeRawBufferPointer) -> Bool {
        let room = bodyLimit - body.count
        isOverLimit = bytes.count > room
        body.append(contentsOf: bytes.prefix(room))
        return !isOverLimit
    }
}
