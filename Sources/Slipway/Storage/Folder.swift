internal import CSystem

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A folder, held open: what is done in it is done in this very folder, whatever becomes of its path meanwhile. Names in it are single steps.
final class Folder {
    /// For messages.
    let path: String
    private let descriptor: Int32

    /// Follows symbolic links.
    init(_ path: String) throws(SystemError) {
        descriptor = try SystemError.check("\(path) cannot be opened") {
            csystem_beyond_standard(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        }
        self.path = path
    }

    /// A folder in `parent`. Follows no symbolic link: ELOOP then; ENOTDIR when it is something else.
    private init(_ name: String, in parent: Folder) throws(SystemError) {
        let path = parent.path(of: name)
        do throws(SystemError) {
            descriptor = try SystemError.check("\(path) cannot be opened") {
                csystem_beyond_standard(openat(parent.descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))
            }
        } catch {
            // Which of the two it says of a link differs from system to system.
            guard error.number == ELOOP || error.number == ENOTDIR, let status = try parent.status(of: name) else { throw error }
            let kind = FileKind(status)
            throw SystemError(
                kind == .link ? ELOOP : ENOTDIR, message: "\(path) is \(kind.name), not a folder",
                hint: kind == .link
                    ? "It could lead anywhere, so it is not followed: give the folder that it leads to as directory." : "Give another key.")
        }
        self.path = path
    }

    deinit { close(descriptor) }

    func path(of name: String) -> String { path.utf8.last == UInt8(ascii: "/") ? path + name : "\(path)/\(name)" }

    /// Throws unless this user may make files in it.
    func checkWritable() throws(SystemError) {
        try SystemError.check("\(path) cannot be written") { faccessat(descriptor, ".", W_OK | X_OK, AT_EACCESS) }
    }

    /// Returns when what was made, renamed and removed in it is on the disk.
    func flush() throws(SystemError) {
        do throws(SystemError) {
            try SystemError.check("\(path) cannot be flushed to the disk") { csystem_flush(descriptor) }
        } catch {
            // Some network file systems do not know such a thing of folders.
            guard [EINVAL, ENOTSUP, EOPNOTSUPP, ENOSYS].contains(error.number) else { throw error }
        }
    }

    // MARK: Folders in it

    func folder(_ name: String) throws(SystemError) -> Folder { try Folder(name, in: self) }

    /// False when there is something of that name.
    func makeFolder(_ name: String) throws(SystemError) -> Bool {
        do throws(SystemError) {
            try SystemError.check("\(path(of: name)) cannot be made") { mkdirat(descriptor, name, 0o777) }
            return true
        } catch {
            if error.number == EEXIST { return false }
            throw error
        }
    }

    /// Only an empty one goes.
    func removeFolder(_ name: String) throws(SystemError) {
        try SystemError.check("\(path(of: name)) cannot be removed") { unlinkat(descriptor, name, AT_REMOVEDIR) }
    }

    // MARK: Files in it

    /// What is there under that name; nil when nothing is. A symbolic link is not followed.
    func status(of name: String) throws(SystemError) -> stat? {
        var status = stat()
        do throws(SystemError) {
            try SystemError.check("\(path(of: name)) cannot be looked at") { fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) }
            return status
        } catch {
            if error.number == ENOENT { return nil }
            throw error
        }
    }

    /// A descriptor, which the caller closes. Neither follows a link nor waits for a pipe.
    func openFile(_ name: String, _ flags: Int32) throws(SystemError) -> Int32 {
        try SystemError.check("\(path(of: name)) cannot be opened") {
            csystem_beyond_standard(openat(descriptor, name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC))
        }
    }

    /// A descriptor of a new file, which the caller closes. EEXIST: there is something of that name.
    func makeFile(_ name: String) throws(SystemError) -> Int32 {
        try SystemError.check("\(path(of: name)) cannot be made") {
            csystem_beyond_standard(openat(descriptor, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666))
        }
    }

    /// A file that has the new name is replaced, in one step.
    func renameFile(_ name: String, to new: String) throws(SystemError) {
        try SystemError.check("\(path(of: name)) cannot be renamed to \(new)") { renameat(descriptor, name, descriptor, new) }
    }

    /// None there: fine.
    func removeFile(_ name: String) throws(SystemError) {
        do throws(SystemError) {
            try SystemError.check("\(path(of: name)) cannot be removed") { unlinkat(descriptor, name, 0) }
        } catch {
            if error.number != ENOENT { throw error }
        }
    }

    /// Every name in it, in no order, but those that are not UTF-8: they cannot be steps of keys.
    func names() throws(SystemError) -> [String] {
        // A descriptor of its own: a stream closes what it reads from, and moves its position.
        let own = try SystemError.check("\(path) cannot be opened") {
            csystem_beyond_standard(openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        }
        guard let stream = fdopendir(own) else {
            let number = errno
            close(own)
            throw SystemError(number, "\(path) cannot be read")
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                let number = errno
                if number == 0 { return names }
                throw SystemError(number, "\(path) cannot be read")
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: name.pointee)) { String(validatingCString: $0) }
            }
            if let name, name != ".", name != ".." { names.append(name) }
        }
    }
}
