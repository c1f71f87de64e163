/// Signs requests for Tests/Integration/test_signing.py: a JSON document a line in, one a line out.
///
///     {"endpoint", "region", "bucket", "addressing", "key", "query": [[name, value or null]...], "method", "headers": [[name, value]...],
///      "payload": "UNSIGNED" | "EMPTY" | text, "expires": seconds or null, "time": seconds since 1970, "accessKey", "secret", "token"}
///
/// answers {"url", "headers": [line...]}, or {"status", "message", "hint"}.

import Slipway
import SlipwayHTTP
import SlipwayJSON

struct Malformed: Error {}

func fields(_ document: JSON, _ name: String) -> [(String, String?)] {
    (document[name]?.elements ?? []).map { ($0[0]?.string ?? "", $0[1]?.string) }
}

func answer(_ document: JSON) throws -> JSON {
    guard let bucket = document.string("bucket"), let name = document.string("key"), let method = document.string("method"),
        let accessKey = document.string("accessKey"), let secret = document.string("secret"), let seconds = document.integer("time")
    else { throw Malformed() }
    let addressing: S3Endpoint.Addressing =
        switch document.string("addressing") {
        case "path": .path
        case "virtualHost": .virtualHost
        default: .automatic
        }
    let endpoint = try S3Endpoint(
        endpoint: document.string("endpoint"), region: document.string("region"), bucket: bucket, addressing: addressing)
    let resource = endpoint.object(try endpoint.key(name), query: fields(document, "query").map { QueryItem($0.0, $0.1) })
    let headers = try fields(document, "headers").map { try HeaderField($0.0, $0.1 ?? "") }
    let credentials = try Credentials(
        accessKeyID: accessKey, secretAccessKey: secret, sessionToken: document.string("token"), source: "the test")
    let signer = Signer(credentials: credentials, region: endpoint.region)
    let time = SigningTime(secondsSince1970: seconds)
    if let expires = document.integer("expires") {
        let url = try signer.presign(method, resource, headers: headers, expires: Int(clamping: expires), at: time)
        return .object(["url": .string(url), "headers": .array([])])
    }
    let payload: Signer.Payload =
        switch document.string("payload") ?? "UNSIGNED" {
        case "UNSIGNED": .unsigned
        case "EMPTY": .empty
        case let text: .hash(try Digest(.sha256, of: text.utf8))
        }
    let lines = try signer.sign(method, resource, headers: headers, payload: payload, at: time)
    return .object(["url": .string(resource.url), "headers": .array(lines.map { .string($0) })])
}

try Libraries.load()
while let line = readLine() {
    do {
        print(try answer(try JSON(parsing: line)).serialized())
    } catch let failure as Failure {
        let told: JSON = .object([
            "status": .integer(failure.status.rawValue), "message": .string(failure.message), "hint": .string(failure.hint),
        ])
        print(told.serialized())
    }
}
