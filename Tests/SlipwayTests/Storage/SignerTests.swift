import Testing

@testable import Slipway

/// The examples in Amazon's own documentation of Signature Version 4 for S3. Everything else is compared with botocore, in Tests/Integration.
@Suite struct SignerTests {
    private let time = SigningTime(secondsSince1970: 1_369_353_600)
    private let resource = S3Resource(scheme: "https", host: "examplebucket.s3.amazonaws.com", path: "/test.txt")

    private func signer(token: String? = nil) throws -> Signer {
        Signer(
            credentials: try Credentials(
                accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", sessionToken: token,
                source: "the test"), region: "us-east-1")
    }

    private func signature(_ lines: [String]) throws -> Substring {
        let line = try #require(lines.last)
        #expect(
            line.hasPrefix(
                "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders="))
        return line.suffix(64)
    }

    @Test func gettingARange() throws {
        let lines = try signer().sign("GET", resource, headers: [try HeaderField("Range", "bytes=0-9")], payload: .empty, at: time)
        #expect(
            lines == [
                "Range: bytes=0-9", "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "x-amz-date: 20130524T000000Z",
                "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
                    + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
                    + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            ])
    }

    @Test func puttingAnObject() throws {
        let resource = S3Resource(
            scheme: "https", host: "examplebucket.s3.amazonaws.com", path: "/\(S3Key(existing: "test$file.text").encoded)")
        let headers = [
            try HeaderField("Date", "Fri, 24 May 2013 00:00:00 GMT"), try HeaderField("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ]
        let payload = Signer.Payload.hash(try Digest(.sha256, of: "Welcome to Amazon S3.".utf8))
        let lines = try signer().sign("PUT", resource, headers: headers, payload: payload, at: time)
        #expect(try signature(lines) == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
    }

    @Test func subresourcesAndLists() throws {
        var bucket = S3Resource(scheme: "https", host: "examplebucket.s3.amazonaws.com", path: "/", query: [QueryItem("lifecycle")])
        #expect(
            try signature(signer().sign("GET", bucket, payload: .empty, at: time))
                == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
        bucket.query = [QueryItem("prefix", "J"), QueryItem("max-keys", "2")]
        #expect(
            try signature(signer().sign("GET", bucket, payload: .empty, at: time))
                == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
    }

    @Test func aPresignedURL() throws {
        #expect(
            try signer().presign("GET", resource, expires: 86_400, at: time)
                == "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
                + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"
                + "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
    }

    @Test(arguments: [Int.min, -1, 0, 604_801, Int.max])
    func presignedForAWeekAtMost(expires: Int) throws {
        let failure = try #require(throws: Failure.self) { try signer().presign("GET", resource, expires: expires, at: time) }
        #expect(failure.status == .invalidArgument && failure.hint.contains("7 days"))
    }

    /// Whoever passes such headers on from somewhere must not be able to break or replace what signing says.
    @Test func whatSigningSetsIsItsOwn() throws {
        let foreign = try ["Authorization", "HOST", "X-Amz-Date", "x-amz-content-sha256", "X-Amz-Security-Token"].map {
            try HeaderField($0, "x")
        }
        let plain = try signer(token: "token").sign("PUT", resource, payload: .unsigned, at: time)
        #expect(try signer(token: "token").sign("PUT", resource, headers: foreign, payload: .unsigned, at: time) == plain)
        #expect(plain.contains("x-amz-security-token: token"))
        #expect(
            try signer().presign("PUT", resource, headers: foreign, expires: 1, at: time)
                == signer().presign("PUT", resource, expires: 1, at: time))
    }

    @Test func whatMayChangeOnTheWayIsSentButNotSigned() throws {
        let lines = try signer().sign("PUT", resource, headers: [try HeaderField("Expect", "")], payload: .unsigned, at: time)
        #expect(lines.first == "Expect;" && lines.last?.contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date,") == true)
    }

    @Test(arguments: ["", "a b", "a:", "a\r\n", "ü", "a\u{0}"])
    func namesThatAreNone(name: String) {
        #expect(throws: Failure.self) { try HeaderField(name, "value") }
    }

    @Test(arguments: ["a\r\nx-amz-acl: public-read", "a\n", "\u{0}", "\u{7F}", "a\rb"])
    func valuesThatWouldBeMore(value: String) throws {
        let failure = try #require(throws: Failure.self) { try HeaderField("x-amz-meta-note", value) }
        #expect(
            failure.status == .invalidArgument && failure.message.contains("x-amz-meta-note") && !failure.message.contains("public-read"))
    }

    @Test func valuesAreTrimmed() throws {
        let field = try HeaderField("x-amz-meta-note", " \t a  b\t c ")
        #expect(field.line == "x-amz-meta-note: a  b\t c" && field.canonicalValue == "a b c")
        #expect(try HeaderField("x-amz-meta-note", " ").line == "x-amz-meta-note;")
    }

    @Test func namesOfQueriesAreOrderedBeforeTheirValues() {
        let items = [
            QueryItem("a-b", "1"), QueryItem("a", "2"), QueryItem("a", "1"), QueryItem("a%", "1"), QueryItem("B"), QueryItem("a", ""),
        ]
        #expect(items.canonical == "B=&a=&a=1&a=2&a%25=1&a-b=1")
        #expect(items.encoded == "a-b=1&a=2&a=1&a%25=1&B&a=")
    }
}
