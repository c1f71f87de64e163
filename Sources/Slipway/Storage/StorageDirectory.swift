internal import CSystem
internal import SlipwayHTTP

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A folder of this machine that somebody's web server serves. All that it does blocks on the disk: see `EventLoop.offload`.
///
/// A key's steps are folders and a file in it. Below the root no symbolic link is followed: what is stored, removed or listed is in this
/// folder, whatever somebody has put there. An object comes into being under its name only when it is whole and on the disk.
struct StorageDirectory: Sendable {
    /// As it was given, without slashes at the end. It may be a symbolic link.
    let root: String

    /// Throws when the path is missing, is not a folder or cannot be written.
    init(_ path: String) throws(Failure) {
        guard !path.isEmpty else { throw Failure(.invalidArgument, "directory is empty", hint: "Give the path of a folder that exists.") }
        let end = path.utf8.lastIndex { $0 != UInt8(ascii: "/") }
        root = end.flatMap { String(path.utf8[...$0]) } ?? "/"
        do throws(SystemError) {
            try Folder(root).checkWritable()
        } catch {
            throw switch error.number {
            case ENOENT:
                Failure(
                    .file, error.message,
                    hint: "Make the folder, or check directory. A relative path starts at the working directory of the process.")
            case ENOTDIR: Failure(.file, "\(root) is not a folder", hint: "Give the folder that the web server serves as directory.")
            default: error.failure
            }
        }
    }

    func path(of key: S3Key) -> String { root == "/" ? root + key.text : "\(root)/\(key.text)" }

    struct Copied: Sendable {
        let path: String
        /// The same bytes were there: nothing was copied.
        let wasThere: Bool
        /// Of the file, that were copied.
        let bytes: UInt64
    }

    /// Copies under a hidden name in the folder of the target, flushes, and renames. What is there is replaced in one step; whoever is reading it
    /// goes on with the old one. After a failure or a cancellation all is as it was.
    ///
    /// `onCopied` gets the bytes so far. `isCancelled` is asked between pieces, of the comparison with what is there, too; CancellationError
    /// then. A file that the file system can share instead of copying it is there at once, whatever the limit of `bytesPerSecond` (0: none).
    func store(
        _ file: SourceFile, as key: S3Key, alwaysSend: Bool, bytesPerSecond: UInt64, onCopied: @Sendable (UInt64) -> Void,
        isCancelled: @Sendable () -> Bool
    ) throws -> Copied {
        let place = try Place(key)
        do {
            let source = try SourceFile.open(file.path)
            defer { close(source) }
            try file.check(source)
            if try isThere(file, source, place, mayDiffer: alwaysSend, isCancelled) {
                return Copied(path: path(of: key), wasThere: true, bytes: 0)
            }
            var made: [Int] = []
            var isShown = false
            defer { if !isShown { removeFolders(made, of: place) } }
            let (folder, hidden) = try makeHidden(place, &made)
            defer { hidden.discard() }
            let copy = FileCopy(
                file: file, source: source, target: hidden.descriptor, targetPath: folder.path(of: place.name),
                bytesPerSecond: bytesPerSecond)
            try copy.run(onCopied: onCopied, isCancelled: isCancelled)
            try hidden.flush()
            try file.check(source)
            try file.checkPath()
            if isCancelled() { throw CancellationError() }
            try hidden.show()
            isShown = true
            try folder.flush()
            return Copied(path: path(of: key), wasThere: false, bytes: file.size)
        } catch let error as SystemError {
            throw error.failure
        } catch let error as SourceFile.Problem {
            throw Failure(error)
        }
    }

    /// No file there: fine. Folders that are empty then stay.
    func delete(_ key: S3Key) throws(Failure) {
        let place = try Place(key)
        do throws(SystemError) {
            guard let folder = try folder(place.folders), let status = try folder.status(of: place.name) else { return }
            guard FileKind(status) == .file else { throw refusal(FileKind(status), folder.path(of: place.name)) }
            try folder.removeFile(place.name)
            try folder.flush()
        } catch {
            // Below a file there is nothing.
            if error.number != ENOTDIR { throw error.failure }
        }
    }

    /// The folder that these steps lead to; nil when one of them is not there.
    func folder(_ steps: some Sequence<String>) throws(SystemError) -> Folder? {
        var folder = try Folder(root)
        for step in steps {
            do throws(SystemError) {
                folder = try folder.folder(step)
            } catch {
                if error.number == ENOENT { return nil }
                throw error
            }
        }
        return folder
    }

    // MARK: What is there

    /// Whether the file is there, and on the disk. Throws when something is there that is not a file. A file that `mayDiffer` is there only when it
    /// is the very same one, by a hard link or the same path: then there is nothing to copy.
    private func isThere(_ file: SourceFile, _ source: Int32, _ place: Place, mayDiffer: Bool, _ isCancelled: () -> Bool) throws -> Bool {
        guard let folder = try folder(place.folders), let status = try folder.status(of: place.name) else { return false }
        let path = folder.path(of: place.name)
        guard FileKind(status) == .file else { throw refusal(FileKind(status), path) }
        guard !mayDiffer, status.st_size == file.size else { return try isSame(source, status) }
        let target: Int32
        do throws(SystemError) {
            target = try folder.openFile(place.name, O_RDONLY)
        } catch {
            // One that cannot be read is replaced.
            if error.isShortage { throw error }
            return false
        }
        defer { close(target) }
        let found = try SourceFile(path, target)
        guard try isSame(source, status) || file.hasSameBytes(source, as: target, isCancelled: isCancelled) else { return false }
        try file.check(source)
        try file.checkPath()
        // Somebody else may have replaced it meanwhile; or put it there a moment ago, without waiting for the disk.
        guard try SourceFile(path, target) == found, let now = try folder.status(of: place.name), try isSame(target, now) else {
            return false
        }
        try SystemError.check("\(path) cannot be flushed to the disk") { csystem_flush(target) }
        try folder.flush()
        return true
    }

    private func isSame(_ descriptor: Int32, _ other: stat) throws(SystemError) -> Bool {
        var status = stat()
        try SystemError.check("\(root) cannot be looked at") { fstat(descriptor, &status) }
        return status.st_dev == other.st_dev && status.st_ino == other.st_ino
    }

    private func refusal(_ kind: FileKind, _ path: String) -> SystemError {
        SystemError(
            kind == .folder ? EISDIR : EINVAL, message: "\(path) is \(kind.name), not a file",
            hint: "Give another key, or take away what is there.")
    }

    // MARK: What is made

    /// The folder with the new file in it; what earlier copies of this key have left behind is gone. `made` gets the positions of the folders that
    /// had to be made.
    private func makeHidden(_ place: Place, _ made: inout [Int]) throws(SystemError) -> (Folder, HiddenFile) {
        var attempts = 0
        while true {
            do throws(SystemError) {
                let folder = try makeFolder(place, &made)
                clearAway(place.name, in: folder)
                return (folder, try HiddenFile(for: place.name, in: folder))
            } catch {
                // A copy next to this one has failed, and taken with it the folder that it had made.
                attempts += 1
                guard error.number == ENOENT, attempts < 10 else { throw error }
            }
        }
    }

    private func makeFolder(_ place: Place, _ made: inout [Int]) throws(SystemError) -> Folder {
        var folder = try Folder(root)
        for (position, step) in place.folders.enumerated() {
            // Asked first: a folder that cannot be written may have the next one in it.
            if try folder.status(of: step) == nil, try folder.makeFolder(step) {
                made.append(position)
                try folder.flush()
            }
            folder = try folder.folder(step)
        }
        return folder
    }

    /// Nothing of a copy that has failed stays, unless somebody else has put something there meanwhile.
    private func removeFolders(_ made: [Int], of place: Place) {
        for position in made.reversed() { try? folder(place.folders.prefix(position))?.removeFolder(place.folders[position]) }
    }
}
