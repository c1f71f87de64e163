internal import SlipwayHTTP
package import SlipwayJSON

extension ObjectStorage {
    /// Stores a file.
    package func store(_ store: Store, _ operation: Operation, _ delivery: Delivery) async throws -> JSON {
        let context = Context(operation: operation, delivery: delivery)
        guard let path = store.filePath, !path.isEmpty else {
            throw Failure(.invalidArgument, "file_path is missing", hint: "Set file_path in the request: a file of this machine.")
        }
        let run = StoreRun(store, try await open(store.storage, context), context, http)
        do {
            context.report(Progress(.checking, "looking at \(path)"), on: loop)
            try await run.go(try await loop.offload { try SourceFile(path) })
            return run.report.normalForm
        } catch {
            var failure = Failure(error, of: operation)
            failure.answer = run.report.normalForm
            throw failure
        }
    }

    /// Removes an object. That there is none is as good.
    package func delete(_ name: String?, in storage: Storage, _ operation: Operation, _ delivery: Delivery) async throws -> JSON {
        let context = Context(operation: operation, delivery: delivery)
        guard let name, !name.isEmpty else {
            throw Failure(.invalidArgument, "key is missing", hint: "Set key in the request: the object's name below key_prefix.")
        }
        _ = try storage.listableKind("delete")
        let removed = try await delete(try await open(storage, context), name, storage)
        return .object([
            "key": .text(removed.key), "bucket": .text(removed.bucket), "path": .text(removed.path), "deleted": true,
        ])
    }

    /// Gives what was removed. A URL that takes a PUT has nothing that could be.
    func delete(_ place: StoragePlace, _ name: String, _ storage: Storage) async throws -> (key: String?, bucket: String?, path: String?) {
        switch (place, try place.key(name, storage)) {
        case (.bucket(let bucket), let key?):
            try await bucket.delete(key)
            return (key.text, bucket.endpoint.bucket, nil)
        case (.directory(let directory), let key?):
            try await loop.offload { try directory.delete(key) }
            return (key.text, nil, directory.path(of: key))
        default: return (nil, nil, nil)
        }
    }
}
