#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension StorageDirectory {
    /// A hidden file of a copy that was broken off: its process was killed, or the machine went down.
    ///
    /// A copy that is under way is none, in whichever process it is: it has its file locked. Where the file system has no locks, or this user may
    /// not open the file, the two cannot be told apart: then it counts as one, and `modified` tells how long it has been left alone.
    struct Unfinished: Sendable {
        /// A last step of more than 213 bytes as far as the hidden name holds it.
        let key: String
        /// 32 hexadecimal digits.
        let id: String
        /// In seconds since 1970: when the last bytes were written.
        let modified: Int64
    }

    /// Those of keys that begin with `prefix`, or of the key `prefix` alone when it `isWhole`: at most `limit`, sorted by key; false when there
    /// are more. Folders that this user may not look into are left out, but for the one that the prefix names.
    func unfinished(prefix: String, isWhole: Bool, limit: Int) throws(Failure) -> (found: [Unfinished], isComplete: Bool) {
        let slash = prefix.utf8.lastIndex(of: UInt8(ascii: "/"))
        let base = slash.map { String(decoding: prefix.utf8[..<$0], as: UTF8.self) }
        let beginning = String(decoding: prefix.utf8[(slash.map { prefix.utf8.index(after: $0) } ?? prefix.startIndex)...], as: UTF8.self)
        let start = if let base { try Place.steps(base) } else { [String]() }
        var found: [Unfinished] = []
        var isComplete = true
        func cut() {
            found.sort { $0.key.utf8.elementsEqual($1.key.utf8) ? $0.id < $1.id : $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            if found.count > max(0, limit) { isComplete = false }
            found.removeLast(max(0, found.count - max(0, limit)))
        }
        do throws(SystemError) {
            // Only one of them is open at a time, however deep they are.
            var pending = [start]
            var isFirst = true
            while let steps = pending.popLast() {
                defer { isFirst = false }
                guard let folder = try folderToSearch(steps, isOptional: !isFirst) else { continue }
                let inside = steps.map { "\($0)/" }.joined()
                for name in try folder.names() {
                    if let name = HiddenName(name) {
                        guard !isFirst || name.isOf(beginning, isWhole: isWhole) else { continue }
                        guard let leftover = try Leftover(name, in: folder), leftover.owner != .somebody else { continue }
                        found.append(Unfinished(key: isWhole ? prefix : inside + name.target, id: name.id, modified: leftover.modified))
                        if found.count / 2 > max(limit, 100) { cut() }
                    } else if !isWhole, !isFirst || name.utf8.starts(with: beginning.utf8),
                        inside.utf8.count + name.utf8.count < S3Key.maxSize,
                        let status = try folder.status(of: name), FileKind(status) == .folder
                    {
                        pending.append(steps + [name])
                    }
                }
            }
        } catch { throw error.failure }
        cut()
        return (found, isComplete)
    }

    /// None there any more: fine. Throws when it is being copied just now.
    func removeUnfinished(_ unfinished: Unfinished) throws(Failure) {
        let place = try Place(S3Key(existing: unfinished.key))
        guard let name = HiddenName(target: place.name, id: unfinished.id) else {
            throw Failure(
                .invalidArgument, "upload_id is not one of a directory", hint: "Give one that slipway_storage_list_unfinished has told.")
        }
        do throws(SystemError) {
            guard let folder = try folder(place.folders), let leftover = try Leftover(name, in: folder) else { return }
            guard leftover.owner != .somebody else {
                throw SystemError(
                    EBUSY, message: "\(folder.path(of: place.name)) is being copied just now",
                    hint: "Cancel the operation that copies it, or wait for its end: it leaves nothing unfinished.")
            }
            try leftover.remove()
            try folder.flush()
        } catch {
            // Below a file there is nothing.
            if error.number != ENOTDIR { throw error.failure }
        }
    }

    /// Removes what earlier copies of this file have left behind. Not being able to is no reason not to store.
    func clearAway(_ name: String, in folder: Folder) {
        for hidden in (try? folder.names()) ?? [] {
            guard let hidden = HiddenName(hidden), hidden.isOf(name, isWhole: true) else { continue }
            guard let leftover = try? Leftover(hidden, in: folder), leftover.owner == .nobody else { continue }
            try? leftover.remove()
        }
    }

    /// Nil when it is not there, or is a file; one that is optional also when this user may not look into it.
    private func folderToSearch(_ steps: [String], isOptional: Bool) throws(SystemError) -> Folder? {
        do throws(SystemError) {
            return try folder(steps)
        } catch {
            // By now it may be something else than when it was found.
            if error.number == ENOTDIR || isOptional && [EACCES, EPERM, ELOOP].contains(error.number) { return nil }
            throw error
        }
    }
}
