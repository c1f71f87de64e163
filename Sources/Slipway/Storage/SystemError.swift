internal import SlipwayHTTP

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What the system would not do with a file or a folder, and why.
struct SystemError: Error {
    /// Its errno.
    let number: Int32
    let message: String
    let hint: String

    /// `what` has the path in it, such as "/srv/builds/MyGame.zip cannot be written".
    init(_ number: Int32, _ what: String) {
        self.init(number, message: "\(what): \(String(systemError: number))", hint: Self.hint(number))
    }

    init(_ number: Int32, message: String, hint: String) {
        self.number = number
        self.message = message
        self.hint = hint
    }

    /// Makes a call of the system, again when a signal came in between. Throws when it gives a negative number.
    @discardableResult
    static func check<Count: SignedInteger>(_ what: @autoclosure () -> String, _ call: () -> Count) throws(SystemError) -> Count {
        while true {
            let result = call()
            let number = errno
            if result >= 0 { return result }
            if number != EINTR { throw SystemError(number, what()) }
        }
    }

    var failure: Failure {
        Shortage(errno: number).map { Failure($0, text: message) } ?? Failure(.file, message, hint: hint)
    }

    /// The process or the machine is at its end, whatever the file is like.
    var isShortage: Bool { Shortage(errno: number) != nil }

    static func hint(_ number: Int32) -> String {
        if let shortage = Shortage(errno: number) { return shortage.hint }
        return switch number {
        case ENOSPC:
            "Make room on that disk, or give another folder as directory. Until a new file is whole the one that it replaces stays."
        case EDQUOT: "The quota of this user is used up: have it raised, or remove files that are no longer needed."
        case EROFS: "The file system is read-only: have it mounted for writing, or give another folder as directory."
        case EACCES, EPERM: "Let this user read and write there, or give another folder as directory."
        case EMLINK: "That folder holds as many folders as its file system can have: remove some, or use another key_prefix."
        case ENAMETOOLONG: "Give a shorter key, key_prefix or directory."
        case EFBIG:
            "The file system (FAT32 ends at 4 GB) or this process (ulimit -f) takes no file of this size: give another folder as directory."
        case EIO, ENXIO, ESTALE, ETIMEDOUT: "Check the disk, or the network that it is on."
        case ENOENT: "Somebody has removed or renamed it: check directory and key, then try again."
        default: "Check directory and key."
        }
    }
}
