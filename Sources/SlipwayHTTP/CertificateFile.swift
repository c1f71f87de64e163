/// A file of certificates in PEM, as OpenSSL reads it.
enum CertificateFile {
    /// Whether it looks like one from its first line to its last: then it is not the reason why it could not be used. Blocks on the disk.
    static func isSound(at path: String) throws(SourceFile.Problem) -> Bool {
        let file = try SourceFile(path)
        guard (1...maxSize).contains(file.size) else { return false }
        let descriptor = Descriptor(try SourceFile.open(path))
        var bytes = [UInt8](repeating: 0, count: Int(file.size))
        let result = bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(SourceFile.Problem) in try file.read(descriptor.number, into: buffer, at: 0) }
        }
        guard try result.get() == bytes.count else { return false }
        return isSound(String(decoding: bytes, as: UTF8.self))
    }

    private static let maxSize: UInt64 = 16 << 20

    /// Between the certificates there may be anything.
    static func isSound(_ text: String) -> Bool {
        var count = 0
        var isInside = false
        for line in text.utf8.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let isMark = line.starts(with: "-----".utf8)
            switch (isInside, isMark) {
            case (false, true): isInside = true
            case (true, true):
                guard line.starts(with: "-----END ".utf8) else { return false }
                (isInside, count) = (false, count + 1)
            case (true, false): guard line.allSatisfy(isBase64) else { return false }
            case (false, false): break
            }
        }
        return count > 0 && !isInside
    }

    private static func isBase64(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "+/= \t".utf8.contains(byte)
        }
    }
}
