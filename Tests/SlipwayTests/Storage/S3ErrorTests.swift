import SlipwayHTTP
import Testing

@testable import Slipway

/// What a refusal of a storage becomes, for the person who reads it.
@Suite(.timeLimit(.minutes(1))) struct S3ErrorTests {
    init() throws { try Libraries.load() }

    private func answer(_ status: Int, _ code: String, _ message: String = "Words.", more: String = "", head: String = "") -> Response {
        let body = """
            <?xml version="1.0" encoding="UTF-8"?>
            <Error><Code>\(code)</Code><Message>\(message)</Message>\(more)<RequestId>4442587FB7D0A2F9</RequestId></Error>
            """
        return Response(status: status, body: Array(body.utf8), head: Array(head.utf8))
    }

    private func failure(_ response: Response, region: String = "us-east-1") throws -> Failure {
        try #require(try S3Error(in: response)).failure("S3, PUT builds/MyGame.zip", region: region)
    }

    @Test(arguments: [
        (403, "AccessDenied", Status.forbidden, "s3:PutObject", false), (403, "InvalidAccessKeyId", .unauthorized, "does not know", false),
        (403, "SignatureDoesNotMatch", .unauthorized, "secret access key", false),
        (400, "ExpiredToken", .unauthorized, "new temporary", false),
        (400, "InvalidToken", .unauthorized, "session token", false), (403, "RequestTimeTooSkewed", .unauthorized, "clock", false),
        (404, "NoSuchBucket", .notFound, "bucket's name", false), (404, "NoSuchKey", .notFound, "key", false),
        (404, "NoSuchUpload", .notFound, "completed or aborted", false), (400, "EntityTooSmall", .invalidArgument, "5 MB", false),
        (400, "EntityTooLarge", .rejected, "smaller parts", false), (400, "InvalidPart", .rejected, "abort", false),
        (400, "InvalidPartOrder", .rejected, "abort", false), (400, "BadDigest", .network, "the file changed", true),
        (400, "XAmzContentSHA256Mismatch", .network, "the file changed", true), (400, "IncompleteBody", .network, "on the way", true),
        (400, "RequestTimeout", .server, "later", true), (503, "SlowDown", .rateLimited, "fewer", true),
        (503, "ServiceUnavailable", .server, "later", true), (500, "InternalError", .server, "later", true),
        (409, "OperationAborted", .server, "again", true),
        (501, "NotImplemented", .rejected, "leave ACL", false), (400, "AccessControlListNotSupported", .invalidArgument, "no ACL", false),
        (400, "InvalidStorageClass", .invalidArgument, "storage class", false),
        (400, "KMS.NotFoundException", .invalidArgument, "encryption", false),
        (400, "KeyTooLongError", .invalidArgument, "1,024", false), (400, "MetadataTooLarge", .invalidArgument, "2 KB", false),
        (403, "QuotaExceeded", .rejected, "full", false), (507, "XMinioStorageFull", .rejected, "full", false),
        (403, "InvalidObjectState", .rejected, "archived", false),
        (400, "AuthorizationHeaderMalformed", .invalidArgument, "region", false),
        (301, "PermanentRedirect", .invalidArgument, "region", false),
        (412, "PreconditionFailed", .rejected, "changed", false), (400, "NobodyKnowsThis", .invalidArgument, "settings", false),
        (503, "NobodyKnowsThis", .server, "later", true),
    ])
    func codes(status: Int, code: String, expected: Status, hint: String, isRetriable: Bool) throws {
        let failure = try failure(answer(status, code))
        #expect(failure.status == expected && failure.httpStatus == status && failure.isRetriable == isRetriable)
        #expect(failure.message == "S3, PUT builds/MyGame.zip: Words. (\(code), HTTP \(status), request 4442587FB7D0A2F9)")
        #expect(failure.hint.contains(hint), "\(failure.hint)")
    }

    /// What a HEAD answers, and what stands between here and a storage.
    @Test(arguments: [
        (301, Status.protocol, false), (307, .protocol, false), (400, .invalidArgument, false), (401, .unauthorized, false),
        (403, .forbidden, false),
        (404, .notFound, false), (405, .rejected, false), (408, .server, true), (409, .server, true), (411, .invalidArgument, false),
        (412, .invalidArgument, false), (413, .rejected, false), (418, .protocol, false), (429, .rateLimited, true), (500, .server, true),
        (501, .rejected, false), (502, .server, true), (503, .server, true), (504, .server, true), (507, .rejected, false),
        (599, .server, false),
        (0, .protocol, false), (100, .protocol, false), (999, .protocol, false),
    ])
    func answersWithoutACode(status: Int, expected: Status, isRetriable: Bool) throws {
        for body in [
            "", "<html><body>502 Bad Gateway</body></html>", "<Error>", "{}", "<Error/>", "<Error><Code>a b</Code></Error>", "\u{0}",
        ] {
            let failure = try failure(Response(status: status, body: Array(body.utf8)))
            #expect(
                failure.status == expected && failure.httpStatus == status && failure.isRetriable == isRetriable && !failure.hint.isEmpty)
            #expect(failure.message.contains("(HTTP \(status))") && !failure.message.contains("<"), "\(failure.message)")
        }
    }

    @Test func aSuccessThatIsNone() throws {
        let error = try #require(try S3Error(in: answer(200, "InternalError", "We encountered an internal error.")))
        #expect(error.isRetriable && error.failure("S3, complete", region: "").status == .server)
        #expect(
            try S3Error(
                in: Response(status: 200, body: Array("<CompleteMultipartUploadResult><ETag/></CompleteMultipartUploadResult>".utf8)))
                == nil)
        #expect(try S3Error(in: Response(status: 204)) == nil && S3Error(in: Response(status: 200, body: Array("<Error".utf8))) == nil)
        // Spaces keep the connection alive while the parts are put together.
        let late = answer(200, "SlowDown").body
        #expect(try #require(try S3Error(in: Response(status: 200, body: Array("      ".utf8) + late))).code == "SlowDown")
    }

    @Test(arguments: [
        ("AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>", ""), ("PermanentRedirect", "", "x-amz-bucket-region: eu-west-1\r\n"),
        ("PermanentRedirect", "<Endpoint>builds.s3.eu-west-1.amazonaws.com</Endpoint>", ""),
        ("PermanentRedirect", "<Endpoint>builds.s3-eu-west-1.amazonaws.com</Endpoint>", ""),
        ("IllegalLocationConstraintException", "<Region>eu-west-1</Region>", ""),
    ])
    func theRightRegionIsNamed(code: String, more: String, head: String) throws {
        let response = answer(code.hasPrefix("P") ? 301 : 400, code, more: more, head: head)
        #expect(try S3Error(in: response)?.remedy == .region("eu-west-1"))
        let hint = try failure(response).hint
        #expect(hint.contains("in the region eu-west-1, not us-east-1"), "\(hint)")
        #expect(hint.contains("amazonaws.com") == more.contains("amazonaws.com"))
        #expect(!(try failure(response, region: "eu-west-1").hint.contains("not eu-west-1")))
    }

    @Test func theRegionOfAHead() throws {
        let response = Response(status: 301, head: Array("x-amz-bucket-region: eu-west-1\r\n".utf8))
        #expect(try S3Error(in: response)?.remedy == .region("eu-west-1"))
        #expect(try failure(response).hint.contains("in the region eu-west-1, not us-east-1"))
    }

    @Test(arguments: [
        ("s3.amazonaws.com", nil), ("builds.s3.amazonaws.com", nil), ("builds.s3.dualstack.eu-west-1.amazonaws.com", nil),
        ("amazonaws.com", nil),
        ("s3.eu-west-1.amazonaws.com.cn", "eu-west-1"), ("minio.example.com", nil), ("a.b&lt;c&gt;.amazonaws.com", nil),
        ("s3-.amazonaws.com", nil),
    ])
    func regionsInHosts(endpoint: String, region: String?) throws {
        #expect(try S3Error(in: answer(301, "PermanentRedirect", more: "<Endpoint>\(endpoint)</Endpoint>"))?.region == region)
    }

    @Test func whatTheOneWhoAskedCanMend() throws {
        #expect(try S3Error(in: answer(403, "RequestTimeTooSkewed"))?.remedy == .clock)
        // As rclone says it.
        let words = "The difference between the request time and the server's time exceeds the maximum allowed."
        let skewed = answer(400, "AccessDenied", words)
        #expect(try S3Error(in: skewed)?.remedy == .clock && S3Error(in: skewed)?.meaning.status == .unauthorized)
        let expired = answer(403, "AccessDenied", "Request has expired")
        #expect(try S3Error(in: expired)?.meaning.hint.contains("The link is no longer good") == true)
        #expect(try S3Error(in: answer(404, "NoSuchUpload"))?.remedy == .uploadIsGone)
        #expect(try S3Error(in: answer(400, "BadDigest"))?.remedy == .sendAgain)
        #expect(try S3Error(in: answer(403, "AccessDenied"))?.remedy == nil)
        #expect(try S3Error(in: Response(status: 404))?.remedy == nil)
    }

    @Test func howLongToWait() throws {
        #expect(try failure(answer(503, "SlowDown", head: "Retry-After: 7\r\n")).retryAfter == .seconds(7))
        #expect(try failure(answer(403, "AccessDenied", head: "Retry-After: 7\r\n")).retryAfter == nil)
    }

    /// What surrounds the message shows how the signature was made, with the token in it.
    @Test func nothingButTheMessageIsShown() throws {
        let more =
            "<AWSAccessKeyId>AKID</AWSAccessKeyId><CanonicalRequest>x-amz-security-token:FwoGZX</CanonicalRequest><StringToSign>FwoGZX</StringToSign>"
        let failure = try failure(answer(403, "SignatureDoesNotMatch", more: more))
        #expect(!failure.message.contains("FwoGZX") && !failure.message.contains("AKID"))
    }

    @Test func anErrorInAWrapping() throws {
        let body = "<ErrorResponse xmlns='https://iam.amazonaws.com/doc/'><Error><Code>Throttling</Code></Error></ErrorResponse>"
        #expect(try S3Error(in: Response(status: 400, body: Array(body.utf8)))?.meaning.status == .rateLimited)
    }

    @Test func longWordsAreCutAndKeptInOneLine() throws {
        let failure = try failure(answer(400, "InvalidArgument", "a\n  b\t" + String(repeating: "e\u{301}", count: 10_000)))
        #expect(failure.message.contains(": a b ") && failure.message.utf8.count < 2000)
        #expect(!failure.message.utf8.contains { $0 < 0x20 })
        let huge = Response(status: 503, body: Array(repeating: UInt8(ascii: "<"), count: 1 << 20))
        #expect(try S3Error(in: huge)?.meaning.status == .server)
    }
}
