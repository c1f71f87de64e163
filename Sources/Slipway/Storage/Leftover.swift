internal import CSystem

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A hidden file that was found in a folder: what has become of who made it shows in whether it is locked. Looking takes a lock that others
/// who look can have, too.
final class Leftover {
    enum Owner {
        /// Whoever made it has ended.
        case nobody
        /// It is being copied just now.
        case somebody
        /// The file system has no locks, or this user may not open the file.
        case unknown
    }

    let owner: Owner
    /// In seconds since 1970: when it was last written to.
    let modified: Int64
    private let name: HiddenName
    private let folder: Folder
    private let descriptor: Int32?

    /// Nil when there is no such file any more.
    init?(_ name: HiddenName, in folder: Folder) throws(SystemError) {
        guard let status = try folder.status(of: name.text), FileKind(status) == .file else { return nil }
        #if canImport(Darwin)
            modified = Int64(status.st_mtimespec.tv_sec)
        #else
            modified = Int64(status.st_mtim.tv_sec)
        #endif
        self.name = name
        self.folder = folder
        do throws(SystemError) {
            descriptor = try folder.openFile(name.text, O_RDONLY)
        } catch {
            if error.isShortage { throw error }
            if error.number == ENOENT { return nil }
            descriptor = nil
        }
        owner =
            if let descriptor {
                csystem_lock(descriptor, 1) == 0 ? .nobody : errno == EWOULDBLOCK ? .somebody : .unknown
            } else {
                .unknown
            }
    }

    deinit { if let descriptor { close(descriptor) } }

    func remove() throws(SystemError) { try folder.removeFile(name.text) }
}
