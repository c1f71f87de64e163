/// What the findings about a package are made of, gathered from one entry after another: memory does not grow with their number.
struct PackageSurvey {
    /// The program nearest to the root; of several the first by name.
    private var nearest: Program?
    /// A project file at the root or one folder down.
    private var project: String?
    private var hasEngine = false
    private var hasContainer = false
    private var unsafe = Tally()
    private var encrypted = Tally()

    private struct Program {
        let folders: Int
        let path: [UInt8]

        func precedes(_ other: Program) -> Bool {
            if folders != other.folders { return folders < other.folders }
            let (own, others) = (path.map(EntryPath.lowercased), other.path.map(EntryPath.lowercased))
            return own == others ? path.lexicographicallyPrecedes(other.path) : own.lexicographicallyPrecedes(others)
        }
    }

    /// Entries of a kind: the first one, and how many follow it.
    private struct Tally {
        var first: String?
        var others = 0

        mutating func add(_ text: @autoclosure () -> String) {
            if first == nil { first = text() } else { others += 1 }
        }
    }

    /// A program in more folders than these is not worth a word.
    private static let deepest = 8

    mutating func add(_ entry: ZipEntry) {
        let path = EntryPath(entry.name)
        if let trick = path.trick {
            unsafe.add("\(EntryName.printable(entry.name)) \(trick.rawValue)")
        } else if entry.isSymbolicLink {
            unsafe.add("\(EntryName.printable(entry.name)) is a symbolic link")
        } else if path.isProgram && path.folders <= nearest?.folders ?? Self.deepest {
            let program = Program(folders: path.folders, path: Self.normal(entry.name))
            if nearest.map(program.precedes) ?? true { nearest = program }
        } else if path.isProject && path.folders <= 1 && project == nil {
            project = EntryName.printable(entry.name)
        }
        if entry.isEncrypted { encrypted.add(EntryName.printable(entry.name)) }
        hasEngine = hasEngine || path.isInEngine
        hasContainer = hasContainer || path.isInPaks || path.isContainer
    }

    /// Slashes, and no parts that lead nowhere.
    private static func normal(_ name: ArraySlice<UInt8>) -> [UInt8] {
        Array(name.split(whereSeparator: EntryPath.isSeparator).filter { !EntryPath.isIdle($0) }.joined(separator: [UInt8(ascii: "/")]))
    }

    /// The service starts what is at the root or one folder down.
    var executable: String? {
        guard let nearest, nearest.folders <= 1 else { return nil }
        return EntryName.text(nearest.path)
    }

    // MARK: Findings

    /// 24 GB is what the service's documents advise; one of them says 30.
    private static let largest: UInt64 = 24_000_000_000

    /// Errors first. `size`: that of the file.
    func findings(size: UInt64) -> [Finding] {
        var findings: [Finding] = []
        func add(_ severity: Finding.Severity, _ code: Finding.Code, _ message: String) {
            findings.append(Finding(severity, code, message))
        }
        if executable == nil {
            if let project {
                add(
                    .error, .notAPackage,
                    "\(project) belongs to the sources of a project: package it for Windows in the Unreal Editor, and zip what that made")
            }
            let deeper = nearest.map { ", \(EntryName.printable($0.path)) is too deep" } ?? ""
            add(
                .error, .noExecutable, "there is no .exe of the build at the root or one folder down\(deeper): zip the folder that holds it"
            )
        }
        if let first = unsafe.first {
            let place = Self.place(unsafe, "unsafe paths")
            add(.error, .unsafePath, "\(first)\(place): make the .zip again, from the folder that the packaging made")
        }
        if let first = encrypted.first {
            add(.error, .encrypted, "\(first) is encrypted\(Self.place(encrypted, "encrypted files")): make the .zip without a password")
        }
        if !hasEngine || !hasContainer {
            let missing = [hasEngine ? nil : "no folder Engine", hasContainer ? nil : "no .pak, .ucas or .utoc in Content/Paks"]
            add(
                .warning, .noContent,
                "there is \(missing.compactMap { $0 }.joined(separator: " and ")): zip everything that the packaging made")
        }
        if size > Self.largest {
            // Rounded up: what is over 24 GB shall not be called 24.0.
            let tenths = size / 100_000_000 + 1
            add(
                .warning, .tooLarge,
                "the .zip has \(tenths / 10).\(tenths % 10) GB: Streampixel advises 24 GB at the most, and may refuse it")
        }
        return findings
    }

    private static func place(_ tally: Tally, _ all: String) -> String {
        tally.others == 0 ? "" : " (the first of \(tally.others + 1) \(all))"
    }
}
