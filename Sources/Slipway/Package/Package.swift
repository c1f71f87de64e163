package import SlipwayHTTP
package import SlipwayJSON

/// A packaged build, known by its table of contents: nothing is unpacked, and memory does not grow with it.
package struct Package: Sendable {
    /// The file as it was when it was read: what is sent later must still be that file.
    package let file: SourceFile
    package let entries: UInt64
    /// What the entries say that they unpack to, in bytes; the largest number there is when it is more than that.
    package let uncompressedSize: UInt64
    /// The build's .exe, at the root or one folder down, with slashes.
    package let executable: String?
    package let isZip64: Bool
    /// What the service will probably object to.
    package let findings: [Finding]
    /// Where the table of contents begins in the file.
    private let directoryStart: UInt64

    package var path: String { file.path }
    /// Of the file, in bytes.
    package var size: UInt64 { file.size }

    /// Reads the table of contents. Blocks on the disk: for a worker thread. Throws INVALID_ARGUMENT without a path, else FILE.
    package static func read(_ path: String?) throws(Failure) -> Package {
        guard let path, !path.isEmpty else {
            throw Failure(.invalidArgument, "file_path is missing", hint: "Set file_path in the request: the .zip of the packaged build.")
        }
        return try Package(PackageFile(path))
    }

    private init(_ file: PackageFile) throws(Failure) {
        try file.checkBeginning()
        var directory = ZipDirectory(of: file, try ZipEnd(of: file))
        var survey = PackageSurvey()
        var isZip64 = directory.end.isZip64
        var uncompressedSize: UInt64 = 0
        while let entry = try directory.next() {
            survey.add(entry)
            isZip64 = isZip64 || entry.isZip64
            let (sum, overflow) = uncompressedSize.addingReportingOverflow(entry.size)
            uncompressedSize = overflow ? .max : sum
        }
        try file.checkUnchanged(from: file.source, "while it was being read", hint: "Wait until the .zip is complete, then try again.")
        self.file = file.source
        self.isZip64 = isZip64
        self.uncompressedSize = uncompressedSize
        entries = directory.end.count
        executable = survey.executable
        findings = survey.findings(size: file.size)
        directoryStart = directory.end.directory.lowerBound
    }

    /// The last bytes of the file: the table of contents and what follows it, at most 1 MiB. Blocks. Throws FILE when the file is not the one
    /// that was read.
    package func tail() throws(Failure) -> [UInt8] {
        let hint = "Start the release again, and leave the file alone until it has ended."
        let moment = "while it was being released"
        let current = try PackageFile(path)
        try current.checkUnchanged(from: file, moment, hint: hint)
        // Both bounds hold: the table of contents was found inside a file of this size.
        let start = max(directoryStart, size < Self.longestTail ? 0 : size - Self.longestTail)
        let bytes = try current.bytes(start..<max(start, size))
        try current.checkUnchanged(from: file, moment, hint: hint)
        return bytes
    }

    private static let longestTail: UInt64 = 1 << 20

    /// The answer of slipway_check_package.
    package var normalForm: JSON {
        .object([
            "filePath": .string(path), "size": .integer(size), "entries": .integer(entries),
            "uncompressedSize": .integer(uncompressedSize), "executable": .text(executable), "zip64": .bool(isZip64),
            "findings": .array(findings.map(\.normalForm)),
        ])
    }
}
