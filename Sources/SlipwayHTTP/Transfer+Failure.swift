internal import CCurl

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension Transfer {
    /// What a transfer that ended with `code` has failed by.
    func failure(_ code: CURLcode) -> TransferFailure {
        var sent = 0
        _ = ccurl_easy_getinfo_long(easy, CURLINFO_REQUEST_SIZE, &sent)
        let wasSent = sent > 0
        if isOverLimit || code == CURLE_FILESIZE_EXCEEDED {
            return TransferFailure(.protocol, "the answer is larger than \(bodyLimit) bytes", wasSent: wasSent, httpStatus: status)
        }
        if code == CURLE_OUT_OF_MEMORY && wasSent && !notes.pointee.is_head_whole {
            // libcurl has one code for both, and a server may lie: it is not to say what this machine is out of.
            let text = "the head of the answer is larger than 100 KB, or there was no memory for it"
            return TransferFailure(.protocol, text, wasSent: wasSent)
        }
        let detail = errorText[0] == 0 ? Self.text(of: code) : String(cString: errorText)
        if Self.lacksCiphers(code, detail) { return TransferFailure(.ciphers, detail, wasSent: wasSent) }
        if let shortage = shortage(code, detail) { return TransferFailure(shortage, wasSent: wasSent) }
        switch code {
        case CURLE_OPERATION_TIMEDOUT:
            let text = wasSent ? "no byte came or went for \(patience) s" : "no connection within the connect timeout (\(detail))"
            return TransferFailure(.network, text, wasSent: wasSent)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_CLIENTCERT:
            return TransferFailure(.tls, detail, wasSent: wasSent)
        case CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT,
            CURLE_NOT_BUILT_IN, CURLE_UNKNOWN_OPTION:
            return TransferFailure(.setup, detail, wasSent: wasSent)
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING, CURLE_WRITE_ERROR, CURLE_HTTP2:
            return TransferFailure(.protocol, detail, wasSent: wasSent)
        case CURLE_GOT_NOTHING:
            return TransferFailure(.network, "the server closed the connection without an answer", wasSent: wasSent)
        case CURLE_PARTIAL_FILE:
            return TransferFailure(.network, "the connection broke in the middle of the answer", wasSent: wasSent)
        default:
            return TransferFailure(.network, detail, wasSent: wasSent)
        }
    }

    /// What the system is out of, if that is the reason. libcurl has a code for memory only, and that not always.
    private func shortage(_ code: CURLcode, _ detail: String) -> Shortage? {
        switch code {
        case CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT: return .memory
        case CURLE_COULDNT_CONNECT:
            if let shortage = Shortage(errno: notes.pointee.socket_error) { return shortage }
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            // The thread has a pair of sockets, too.
            if detail.holds("thread failed to start") { return [.memory, .descriptors, .threads] }
            if Self.isOutOfDescriptors { return .descriptors }
        case _ where detail.hasPrefix(Self.unusedCertificates):
            do throws(SourceFile.Problem) {
                guard try CertificateFile.isSound(at: String(detail.dropFirst(Self.unusedCertificates.count))) else { return nil }
                return [.memory, .descriptors]
            } catch {
                return error.shortage
            }
        default: break
        }
        // OpenSSL's words, and the system's; not those of a certificate.
        guard code != CURLE_PEER_FAILED_VERIFICATION else { return nil }
        return detail.holds("malloc failure") || detail.holds("ut of memory") ? .memory : nil
    }

    /// Whether OpenSSL says so of itself, before a server has said anything: for lack of memory, too, if that was when it looked, which it does once.
    private static func lacksCiphers(_ code: CURLcode, _ detail: String) -> Bool {
        switch code {
        case CURLE_SSL_CONNECT_ERROR:
            ["no ciphers available", "routines::unsupported", "nsufficient randomness"].contains { detail.holds($0) }
        case CURLE_OUT_OF_MEMORY: detail.holds("library has no ciphers")
        default: false
        }
    }

    /// What libcurl says with the path behind it, whatever the reason.
    private static let unusedCertificates = "error setting certificate file: "

    private static var isOutOfDescriptors: Bool {
        do throws(SourceFile.Problem) {
            close(try SourceFile.open("/dev/null"))
            return false
        } catch {
            return error.shortage == .descriptors
        }
    }

    static func text(of code: CURLcode) -> String {
        ccurl_easy_strerror(code).map { String(cString: $0) } ?? "error \(code.rawValue)"
    }
}
