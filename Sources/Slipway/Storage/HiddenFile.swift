internal import CSystem

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A copy on its way into a folder: a file under a hidden name that takes its own one when it is whole.
///
/// It is locked for as long as it is open. The system takes the lock back when the process ends, by whatever means: so one that nobody has
/// locked is a leftover, in whichever process one looks.
final class HiddenFile {
    let descriptor: Int32
    private let folder: Folder
    private let target: String
    private let name: HiddenName
    private var isHidden = true

    /// Makes an empty one that will be `target`.
    init(for target: String, in folder: Folder) throws(SystemError) {
        (name, descriptor) = try Self.make(for: target, in: folder)
        self.folder = folder
        self.target = target
    }

    deinit { close(descriptor) }

    /// Returns when what was written into it is on the disk.
    func flush() throws(SystemError) {
        try SystemError.check("\(folder.path(of: target)) cannot be flushed to the disk") { csystem_flush(descriptor) }
    }

    /// Gives it its own name, over that of a file that may be there.
    func show() throws(SystemError) {
        try folder.renameFile(name.text, to: target)
        isHidden = false
    }

    /// Removes it, unless it has its own name by now.
    func discard() {
        if isHidden { try? folder.removeFile(name.text) }
        isHidden = false
    }

    private static func make(for target: String, in folder: Folder) throws(SystemError) -> (HiddenName, Int32) {
        // Another one is needed only when somebody was looking for leftovers between the first two lines.
        for _ in 0..<100 {
            let name = HiddenName(target: target)
            let descriptor = try folder.makeFile(name.text)
            let isTaken = csystem_lock(descriptor, 0) != 0 && errno == EWOULDBLOCK
            do throws(SystemError) {
                if !isTaken, try folder.status(of: name.text) != nil { return (name, descriptor) }
                try folder.removeFile(name.text)
            } catch {
                close(descriptor)
                throw error
            }
            close(descriptor)
        }
        throw SystemError(EBUSY, "\(folder.path(of: target)) cannot be made")
    }
}
