internal import CCrypto
internal import SlipwayHTTP

/// What a hash function makes of some bytes.
package struct Digest: Sendable, Equatable {
    package enum Algorithm: Sendable {
        case sha256
        /// Not for safety: S3 names a content by it, in ETags and in Content-MD5.
        case md5
    }

    package let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Of everything in `bytes`. For what does not fit in memory there is `Hash`.
    init(_ algorithm: Algorithm, of bytes: UnsafeRawBufferPointer) throws(Failure) {
        try StorageLibraries.loadHashes()
        self.bytes = try Self.make(algorithm.size, algorithm.name) { ccrypto_digest(algorithm.inC, bytes.baseAddress, bytes.count, $0) }
    }

    package init(_ algorithm: Algorithm, of bytes: some Sequence<UInt8>) throws(Failure) {
        let bytes = Array(bytes)
        self = try bytes.withUnsafeBytes { bytes in Result { () throws(Failure) in try Digest(algorithm, of: bytes) } }.get()
    }

    /// The HMAC-SHA256 of `message` under `key`, both of any length.
    init(hmacOf message: some Sequence<UInt8>, key: [UInt8]) throws(Failure) {
        try StorageLibraries.loadHashes()
        let message = Array(message)
        bytes = try Self.make(Int(CCRYPTO_SHA256_SIZE), "HMAC-SHA256") {
            ccrypto_hmac_sha256(key, key.count, message, message.count, $0)
        }
    }

    /// In lower case, two digits a byte.
    var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// As Content-MD5 and the x-amz-checksum headers want it.
    var base64: String { Base64.encode(bytes) }

    /// `size` bytes, as `write` puts them there.
    static func make(
        _ size: Int, _ name: String, _ write: (UnsafeMutablePointer<UInt8>?) -> Bool
    ) throws(Failure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: size)
        guard bytes.withUnsafeMutableBufferPointer({ write($0.baseAddress) }) else { throw missing(name) }
        return bytes
    }

    /// Why there is none.
    static func missing(_ name: String) -> Failure {
        // Without the others there would be no libcrypto either.
        guard name == Algorithm.md5.name, !ccrypto_offers(CCRYPTO_MD5) else { return Failure(.memory, "computing \(name)") }
        return Failure(
            .internal, "libcrypto was built without \(name)",
            hint: "On a system in FIPS mode MD5 may be missing; a plain libssl3 of the distribution has it.")
    }
}

extension Digest.Algorithm {
    var inC: ccrypto_algorithm {
        switch self {
        case .sha256: CCRYPTO_SHA256
        case .md5: CCRYPTO_MD5
        }
    }

    var size: Int { ccrypto_digest_size(inC) }

    var name: String {
        switch self {
        case .sha256: "SHA-256"
        case .md5: "MD5"
        }
    }
}
