internal import CCrypto

/// A digest that is computed piece by piece, in constant memory. For one thread at a time.
final class Hash {
    private let algorithm: Digest.Algorithm
    private let hash: OpaquePointer

    init(_ algorithm: Digest.Algorithm) throws(Failure) {
        try StorageLibraries.loadHashes()
        guard let hash = ccrypto_hash_create(algorithm.inC) else { throw Digest.missing(algorithm.name) }
        self.algorithm = algorithm
        self.hash = hash
    }

    deinit { ccrypto_hash_free(hash) }

    func update(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        guard ccrypto_hash_update(hash, bytes.baseAddress, bytes.count) else { throw Digest.missing(algorithm.name) }
    }

    /// The digest of everything so far. To be called once, as the last thing.
    func finish() throws(Failure) -> Digest {
        Digest(bytes: try Digest.make(algorithm.size, algorithm.name) { ccrypto_hash_finish(hash, $0) })
    }
}
