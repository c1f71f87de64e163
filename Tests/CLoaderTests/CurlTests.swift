import CCurl
import Testing

@Suite struct CurlTests {
    init() throws {
        var message = [CChar](repeating: 0, count: 512)
        let status = ccurl_load(&message, message.count)
        try #require(status == 0, "\(String(decoding: message.map(UInt8.init(bitPattern:)), as: UTF8.self))")
    }

    @Test func loadsOnceAndIsNewEnough() throws {
        #expect(ccurl_load(nil, 0) == 0)
        #expect(ccurl_version_info_number() >= 0x075400)
        #expect(String(cString: try #require(ccurl_version())).hasPrefix("libcurl/"))
    }

    @Test func optionsOfAnotherTypeAreRefused() throws {
        let easy = try #require(ccurl_easy_init())
        defer { ccurl_easy_cleanup(easy) }
        #expect(ccurl_easy_setopt_long(easy, CURLOPT_NOSIGNAL, 1) == CURLE_OK)
        #expect(ccurl_easy_setopt_string(easy, CURLOPT_URL, "http://127.0.0.1/") == CURLE_OK)
        #expect(ccurl_easy_setopt_off(easy, CURLOPT_INFILESIZE_LARGE, 1 << 40) == CURLE_OK)
        #expect(ccurl_easy_setopt_long(easy, CURLOPT_URL, 1) == CURLE_BAD_FUNCTION_ARGUMENT)
        #expect(ccurl_easy_setopt_string(easy, CURLOPT_NOSIGNAL, "1") == CURLE_BAD_FUNCTION_ARGUMENT)
        #expect(ccurl_easy_setopt_string(easy, CURLOPT_WRITEFUNCTION, "1") == CURLE_BAD_FUNCTION_ARGUMENT)
        #expect(ccurl_easy_setopt_long(easy, CURLOPT_INFILESIZE_LARGE, 1) == CURLE_BAD_FUNCTION_ARGUMENT)
        var number = 7
        #expect(ccurl_easy_getinfo_long(easy, CURLINFO_EFFECTIVE_URL, &number) == CURLE_BAD_FUNCTION_ARGUMENT)
        #expect(number == 7)
        #expect(ccurl_easy_getinfo_long(easy, CURLINFO_RESPONSE_CODE, &number) == CURLE_OK)
        #expect(number == 0)
    }

    @Test func noHandleIsAnError() {
        ccurl_easy_reset(nil)
        ccurl_easy_cleanup(nil)
        ccurl_url_cleanup(nil)
        ccurl_slist_free_all(nil)
        ccurl_mime_free(nil)
        ccurl_free(nil)
        var running: Int32 = 0
        #expect(ccurl_easy_perform(nil) == CURLE_BAD_FUNCTION_ARGUMENT)
        #expect(ccurl_easy_setopt_long(nil, CURLOPT_NOSIGNAL, 1) == CURLE_BAD_FUNCTION_ARGUMENT)
        #expect(ccurl_easy_setopt_write(nil, nil, nil) == CURLE_BAD_FUNCTION_ARGUMENT)
        #expect(ccurl_multi_perform(nil, &running) == CURLM_BAD_HANDLE)
        #expect(ccurl_multi_wakeup(nil) == CURLM_BAD_HANDLE)
        #expect(ccurl_share_cleanup(nil) == CURLSHE_INVALID)
        #expect(ccurl_mime_init(nil) == nil)
    }

    @Test func privatePointerComesBack() throws {
        let easy = try #require(ccurl_easy_init())
        defer { ccurl_easy_cleanup(easy) }
        var pointer: UnsafeMutableRawPointer?
        #expect(ccurl_easy_setopt_pointer(easy, CURLOPT_PRIVATE, UnsafeMutableRawPointer(easy)) == CURLE_OK)
        #expect(ccurl_easy_getinfo_pointer(easy, CURLINFO_PRIVATE, &pointer) == CURLE_OK)
        #expect(pointer == UnsafeMutableRawPointer(easy))
        var text: UnsafePointer<CChar>?
        #expect(ccurl_easy_getinfo_string(easy, CURLINFO_PRIVATE, &text) == CURLE_BAD_FUNCTION_ARGUMENT)
    }

    /// A transfer that fails at once, all the way through the multi interface: nothing listens on port 1 of the loopback.
    @Test func aFinishedTransferIsReported() throws {
        let easy = try #require(ccurl_easy_init())
        defer { ccurl_easy_cleanup(easy) }
        let multi = try #require(ccurl_multi_init())
        defer { ccurl_multi_cleanup(multi) }
        #expect(ccurl_easy_setopt_string(easy, CURLOPT_URL, "http://127.0.0.1:1/") == CURLE_OK)
        #expect(ccurl_easy_setopt_string(easy, CURLOPT_PROXY, "") == CURLE_OK)
        #expect(ccurl_easy_setopt_write(easy, { _, size, count, _ in size * count }, nil) == CURLE_OK)
        #expect(ccurl_multi_add_handle(multi, easy) == CURLM_OK)
        defer { ccurl_multi_remove_handle(multi, easy) }
        var running: Int32 = 1
        while running > 0, ccurl_multi_perform(multi, &running) == CURLM_OK, running > 0 {
            #expect(ccurl_multi_poll(multi, nil, 0, 1000, nil) == CURLM_OK)
        }
        var done: OpaquePointer?
        var result = CURLE_OK
        var left: Int32 = -1
        #expect(ccurl_multi_next_done(multi, &done, &result, &left))
        #expect(done == easy)
        #expect(result == CURLE_COULDNT_CONNECT)
        #expect(left == 0)
        #expect(!ccurl_multi_next_done(multi, &done, &result, nil))
    }

    @Test func wakeupEndsAPoll() throws {
        let multi = try #require(ccurl_multi_init())
        defer { ccurl_multi_cleanup(multi) }
        #expect(ccurl_multi_wakeup(multi) == CURLM_OK)
        let start = ContinuousClock.now
        #expect(ccurl_multi_poll(multi, nil, 0, 60_000, nil) == CURLM_OK)
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test func urlsAreTakenApart() throws {
        let url = try #require(ccurl_url())
        defer { ccurl_url_cleanup(url) }
        #expect(ccurl_url_set(url, CURLUPART_URL, "https://example.com:8443/a%20b?c=d", 0) == CURLUE_OK)
        var part: UnsafeMutablePointer<CChar>?
        #expect(ccurl_url_get(url, CURLUPART_HOST, &part, 0) == CURLUE_OK)
        #expect(String(cString: try #require(part)) == "example.com")
        ccurl_free(part)
        #expect(ccurl_url_get(url, CURLUPART_USER, &part, 0) == CURLUE_NO_USER)
        #expect(part == nil)
        #expect(ccurl_url_set(url, CURLUPART_URL, "http://[::", 0) != CURLUE_OK)
    }

    @Test func textsAreEscapedAndBack() throws {
        let escaped = try #require(ccurl_easy_escape(nil, "a b/ü", 0))
        defer { ccurl_free(escaped) }
        #expect(String(cString: escaped) == "a%20b%2F%C3%BC")
        var length: Int32 = 0
        let plain = try #require(ccurl_easy_unescape(nil, "a%00b", 0, &length))
        defer { ccurl_free(plain) }
        #expect(length == 3)
    }

    @Test func datesAreRead() {
        #expect(ccurl_getdate("Sun, 06 Nov 1994 08:49:37 GMT") == 784_111_777)
        #expect(ccurl_getdate("not a date") == -1)
    }
}
