internal import CCrypto
internal import CExpat
internal import CZlib
internal import SlipwayHTTP

/// The C libraries that only storage needs. Each is opened when it is first used: who uses no storage need not have them.
enum StorageLibraries {
    /// Opens what signing and reading answers need. Any thread, any number of times; a failure may be tried again. Reads from disk the first time.
    static func load() throws(Failure) {
        try load(ccrypto_load)
        try load(cexpat_load)
    }

    static func loadHashes() throws(Failure) { try load(ccrypto_load) }

    static func loadXML() throws(Failure) { try load(cexpat_load) }

    static func loadChecksums() throws(Failure) { try load(czlib_load) }

    private static func load(_ open: (UnsafeMutablePointer<CChar>?, Int) -> Int32) throws(Failure) {
        var message = [CChar](repeating: 0, count: 512)
        let size = message.count
        let status = message.withUnsafeMutableBufferPointer { open($0.baseAddress, size) }
        guard status != 0 else { return }
        let text = message.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        if let shortage = Shortage(errno: status) { throw Failure(shortage, text: text) }
        throw Failure(.missingLibrary, text, hint: "S3-compatible storage needs it. It can be installed while this program runs.")
    }
}
