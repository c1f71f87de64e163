internal import SlipwayHTTP

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The file of a package while it is read here and there. Blocks on the disk.
final class PackageFile {
    let source: SourceFile
    private let descriptor: Int32

    var size: UInt64 { source.size }

    init(_ path: String) throws(Failure) {
        do throws(SourceFile.Problem) {
            descriptor = try SourceFile.open(path)
        } catch {
            guard error.shortage == nil else { throw Failure(error) }
            // One cannot even be opened, and the system's words for that are not clear.
            var status = stat()
            let isSocket = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
            throw Failure(
                .file, isSocket ? "\(path) is a socket, not a file" : error.text,
                hint: "Check file_path, and that this user may read it. A relative path starts at the working directory of the process.")
        }
        do throws(SourceFile.Problem) {
            source = try SourceFile(path, descriptor)
        } catch {
            close(descriptor)
            throw Failure(.file, error.text, hint: "file_path must lead to a .zip: put what the packaging made into one.")
        }
    }

    deinit { close(descriptor) }

    /// Exactly these bytes of it.
    func bytes(_ range: Range<UInt64>) throws(Failure) -> [UInt8] {
        guard range.upperBound <= size, let start = off_t(exactly: range.lowerBound),
            let count = Int(exactly: range.upperBound - range.lowerBound)
        else {
            throw damaged("it ends early")
        }
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let read = bytes.withUnsafeMutableBytes { bytes in
                let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
                return pread(descriptor, rest.baseAddress, rest.count, start + off_t(done))
            }
            if read < 0 && errno == EINTR { continue }
            guard read >= 0 else {
                throw refused("cannot be read: \(String(systemError: errno))", hint: "Check the disk, or the network that it is on.")
            }
            guard read > 0 else {
                throw refused("became shorter while it was being read", hint: "Wait until the .zip is complete, then try again.")
            }
            done += read
        }
        return bytes
    }

    /// Whether these bytes stand there.
    func begins(with signature: [UInt8], at offset: UInt64) throws(Failure) -> Bool {
        let (end, overflow) = offset.addingReportingOverflow(UInt64(signature.count))
        guard !overflow, end <= size else { return false }
        return try bytes(offset..<end) == signature
    }

    /// Throws unless it begins as an archive with files in it does. Streampixel looks at the same bytes.
    func checkBeginning() throws(Failure) {
        let bytes = try bytes(0..<min(size, 4))
        if bytes == ZipSignature.localHeader { return }
        let hint = "Streampixel takes .zip files only: put what the packaging made into one."
        switch bytes {
        case []: throw refused("is empty", hint: hint)
        case ZipSignature.end: throw hasNoFiles
        case ZipSignature.split, ZipSignature.splitInOne: throw isSplit
        case [0x37, 0x7A, 0xBC, 0xAF]: throw refused("is a .7z, not a .zip", hint: hint)
        case Array("Rar!".utf8): throw refused("is a .rar, not a .zip", hint: hint)
        default: break
        }
        if bytes.first == UInt8(ascii: "<") {
            throw refused("is a web page, not a .zip", hint: "It was probably downloaded without a login: download it again.")
        }
        if bytes.starts(with: Array("MZ".utf8)) {
            throw refused("is a program, not a .zip", hint: "Streampixel takes no self-extracting archives: make a plain .zip.")
        }
        if try ZipEnd.isLastPart(self) { throw isSplit }
        throw refused("is not a .zip: it does not begin as one", hint: hint)
    }

    /// Throws unless it is the file that `earlier` was, and still as it was then.
    func checkUnchanged(from earlier: SourceFile, _ moment: String, hint: String) throws(Failure) {
        let now: SourceFile
        do throws(SourceFile.Problem) {
            now = try SourceFile(source.path, descriptor)
        } catch {
            throw Failure(.file, error.text, hint: "Check the disk, or the network that it is on.")
        }
        guard now == earlier else { throw refused("has changed \(moment)", hint: hint) }
    }

    // MARK: What there is to say against it

    func refused(_ what: String, hint: String) -> Failure { Failure(.file, "\(source.path) \(what)", hint: hint) }

    func damaged(_ how: String) -> Failure {
        refused("is a damaged .zip: \(how)", hint: "Make or copy the .zip again: it was cut off on its way, or altered.")
    }

    var hasNoFiles: Failure { refused("is a .zip without files", hint: "Put what the packaging made into it.") }

    var isSplit: Failure {
        refused("is one part of a split .zip", hint: "Streampixel takes one whole file: make the .zip without splitting it.")
    }

    /// In front, as in a self-extracting archive, in the middle, or behind.
    func holdsForeignBytes(_ count: UInt64) -> Failure {
        refused(
            "is a .zip with \(count == 1 ? "1 byte that does" : "\(count) bytes that do") not belong to it",
            hint: "Make the .zip again, as a new file: it was appended to another one, or altered.")
    }

    /// Numbers of the old format that have run over.
    var lacksZip64: Failure {
        refused(
            "was written by a tool that cannot make a .zip of this size: it has no zip64 records",
            hint: "Use another one; 7-Zip and Windows itself can, macOS's Finder may not.")
    }
}
