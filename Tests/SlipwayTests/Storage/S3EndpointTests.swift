import SlipwayHTTP
import Testing

@testable import Slipway

@Suite struct S3EndpointTests {
    init() throws { try Libraries.load() }

    private func url(
        _ endpoint: String?, _ region: String? = nil, bucket: String = "builds", prefix: String = "",
        _ addressing: S3Endpoint.Addressing = .automatic,
        query: [QueryItem] = []
    ) throws -> String {
        let endpoint = try S3Endpoint(endpoint: endpoint, region: region, bucket: bucket, keyPrefix: prefix, addressing: addressing)
        return endpoint.object(try endpoint.key("My Game.zip"), query: query).url
    }

    @Test(arguments: [
        (nil, nil, "builds", S3Endpoint.Addressing.automatic, "https://builds.s3.us-east-1.amazonaws.com/"),
        ("", "", "builds", .automatic, "https://builds.s3.us-east-1.amazonaws.com/"),
        (nil, "eu-central-1", "builds", .automatic, "https://builds.s3.eu-central-1.amazonaws.com/"),
        (nil, "cn-north-1", "builds", .automatic, "https://builds.s3.cn-north-1.amazonaws.com.cn/"),
        (nil, "eu-central-1", "my.builds", .automatic, "https://s3.eu-central-1.amazonaws.com/my.builds/"),
        (nil, "eu-central-1", "builds", .path, "https://s3.eu-central-1.amazonaws.com/builds/"),
        (nil, "eu-central-1", "my.builds", .virtualHost, "https://my.builds.s3.eu-central-1.amazonaws.com/"),
        ("https://acc.r2.cloudflarestorage.com", "auto", "builds", .automatic, "https://acc.r2.cloudflarestorage.com/builds/"),
        ("https://nyc3.digitaloceanspaces.com", nil, "builds", .virtualHost, "https://builds.nyc3.digitaloceanspaces.com/"),
        ("http://127.0.0.1:9000/", nil, "builds", .automatic, "http://127.0.0.1:9000/builds/"),
        ("http://[::1]:9000", nil, "builds", .path, "http://[::1]:9000/builds/"),
        ("HTTPS://MinIO.Example.com:443", nil, "builds", .automatic, "https://minio.example.com/builds/"),
        ("http://minio.example.com:80", nil, "builds", .automatic, "http://minio.example.com/builds/"),
        ("http://minio.example.com:443", nil, "builds", .automatic, "http://minio.example.com:443/builds/"),
        ("https://x.example.com/storage/v1/s3/", nil, "builds", .automatic, "https://x.example.com/storage/v1/s3/builds/"),
        ("https://x.example.com/storage/v1/s3", nil, "builds", .virtualHost, "https://builds.x.example.com/storage/v1/s3/"),
    ])
    func whereAnObjectIs(endpoint: String?, region: String?, bucket: String, addressing: S3Endpoint.Addressing, base: String) throws {
        #expect(try url(endpoint, region, bucket: bucket, addressing) == base + "My%20Game.zip")
        #expect(try url(endpoint, region, bucket: bucket, prefix: "a b", addressing) == base + "a%20b/My%20Game.zip")
        #expect(try url(endpoint, region, bucket: bucket, prefix: "a/", addressing) == base + "a/My%20Game.zip")
        #expect(try url(endpoint, region, bucket: bucket, addressing, query: [QueryItem("uploads")]) == base + "My%20Game.zip?uploads")
    }

    @Test func theBucketItself() throws {
        let query = [QueryItem("uploads"), QueryItem("prefix", "a b/")]
        #expect(
            try S3Endpoint(endpoint: "http://127.0.0.1:9000", bucket: "builds").bucket(query: query).url
                == "http://127.0.0.1:9000/builds?uploads&prefix=a%20b%2F")
        #expect(
            try S3Endpoint(bucket: "builds").bucket(query: query).url
                == "https://builds.s3.us-east-1.amazonaws.com/?uploads&prefix=a%20b%2F")
    }

    @Test func theRegionIsKeptAsGiven() throws {
        #expect(try S3Endpoint(endpoint: "http://127.0.0.1", region: "RegionOne", bucket: "builds").region == "RegionOne")
        #expect(try S3Endpoint(endpoint: "http://127.0.0.1", bucket: "builds").region == "us-east-1")
    }

    @Test(arguments: ["abc", "a-b", "a.b.c", "1a2", "a--b", String(repeating: "x", count: 63), "1.2.3.x", "1.2.3", "xn--a"])
    func bucketsThatAreTaken(bucket: String) throws {
        #expect(try S3Endpoint(bucket: bucket).bucket == bucket)
    }

    @Test(arguments: [
        "", "ab", String(repeating: "x", count: 64), "Builds", "my_builds", "-ab", "ab-", ".ab", "ab.", "a..b", "192.168.0.1", "999.1.1.1",
        "a/b", "a b",
        "büilds", "a%2Fb", "a\r\nb", "builds?x", "builds#x", "a:b",
    ])
    func bucketsThatAreNot(bucket: String) throws {
        let failure = try #require(throws: Failure.self) { try S3Endpoint(endpoint: "http://127.0.0.1:9000", bucket: bucket) }
        #expect(failure.status == .invalidArgument && failure.message == "the bucket's name is not one" && failure.hint.contains("3 to 63"))
    }

    @Test(arguments: [
        "minio.example.com", "ftp://minio.example.com", "https://", "https:///x", "https://user:password@minio.example.com",
        "https://minio.example.com?x=y",
        "https://minio.example.com#x", "https://minio.example.com/ü", "https://münio.example.com", "https://minio.example.com:0",
        "https://minio.example.com:70000", "https://mi nio.example.com", "https://minio.example.com/\r\nx",
    ])
    func endpointsThatAreNone(endpoint: String) throws {
        let failure = try #require(throws: Failure.self) { try S3Endpoint(endpoint: endpoint, bucket: "builds") }
        #expect(failure.status == .invalidArgument && failure.hint.contains("https://minio.example.com:9000"))
        #expect(!failure.message.contains("password"))
    }

    @Test(arguments: ["http://127.0.0.1:9000", "http://[::1]:9000"])
    func aNameDoesNotGoInFrontOfAnAddress(endpoint: String) throws {
        let failure = try #require(throws: Failure.self) { try S3Endpoint(endpoint: endpoint, bucket: "builds", addressing: .virtualHost) }
        #expect(failure.message.contains("cannot stand in front of the address"))
    }

    @Test(arguments: ["eu central", "eu/central", "eu\n", "a.b", String(repeating: "x", count: 65), "ü"])
    func regionsThatAreNone(region: String) {
        #expect(throws: Failure.self) { try S3Endpoint(region: region, bucket: "builds") }
    }

    @Test(arguments: [
        ("MyGame-1.0_~x.zip", "MyGame-1.0_~x.zip"), ("a b/c+d", "a%20b/c%2Bd"), ("a%2Fb", "a%252Fb"), ("ü", "%C3%BC"),
        ("u\u{308}", "u%CC%88"),
        ("😀//x/", "%F0%9F%98%80//x/"), ("(a)='b'&\"c\"", "%28a%29%3D%27b%27%26%22c%22"), ("...", "..."), (".a/..b", ".a/..b"),
        ("?#", "%3F%23"),
    ])
    func keysInURLs(key: String, encoded: String) throws {
        #expect(try S3Key(key).encoded == encoded)
        #expect(S3Key(existing: key).encoded == encoded)
    }

    @Test(arguments: [
        ("", "", "is empty"), ("", "builds", "is empty"), ("/a", "", "begins with a slash"), ("a", "/builds", "begins with a slash"),
        (".", "", "step"),
        ("a/../b", "", "step"), ("a", "..", "step"), ("./a", "", "step"), ("a/.", "", "step"), ("a\nb", "", "control character"),
        ("a", "\u{1}", "control character"), (String(repeating: "x", count: 1025), "", "has 1025 bytes"),
        (String(repeating: "ü", count: 510), "builds", "has 1027 bytes"),
    ])
    func keysThatAreRefused(name: String, prefix: String, why: String) throws {
        let failure = try #require(throws: Failure.self) { try S3Key(name, prefix: prefix) }
        #expect(failure.status == .invalidArgument && failure.message.contains(why) && !failure.hint.isEmpty, "\(failure.message)")
    }

    @Test func theLongestKey() throws {
        #expect(try S3Key(String(repeating: "ü", count: 512)).encoded.utf8.count == 3072)
    }
}
