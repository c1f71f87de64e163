/// What the service looks for in a build: is it a packaged Windows build of an Unreal project that can be run?
enum PackageInspection {
    /// The objection to a package with these entries; nil if there is none.
    static func objection(to entries: [ZipDirectory.Entry]) -> String? {
        for entry in entries {
            if isTrick(entry.name) {
                return "Malformed package: the path \(entry.name) leaves the package"
            }
            if entry.isSymbolicLink {
                return "Malformed package: \(entry.name) is a symbolic link"
            }
            if entry.isEncrypted {
                return "Unsupported file: \(entry.name) is encrypted"
            }
            if entry.method != 0 && entry.method != 8 {
                return "Unsupported file: \(entry.name) is compressed by method \(entry.method); only stored and deflated are supported"
            }
        }
        // Windows does not tell upper from lower case, and some Windows tools write backslashes.
        let paths = entries.map { $0.name.lowercased().split(whereSeparator: isSeparator).map(String.init) }
        let roots = Set(paths.filter { ($0.count == 1 || $0.count == 2) && $0.last?.hasSuffix(".exe") == true }.map { $0.dropLast() })
        if roots.isEmpty {
            return "Missing executable: there is no .exe at the root of the package or one folder down"
        }
        // Several folders can have an executable (Engine/ itself may): one that is a whole build is enough.
        if roots.contains(where: { hasEngine(paths, in: $0) && hasContent(paths, in: $0) }) {
            return nil
        }
        if !roots.contains(where: { hasEngine(paths, in: $0) }) {
            return "Malformed package: there is no Engine folder next to the executable"
        }
        return "Malformed package: there is no .pak, .ucas or .utoc in <Project>/Content/Paks next to the executable"
    }

    private static func isSeparator(_ character: Character) -> Bool {
        character == "/" || character == "\\"
    }

    /// A name that would be written somewhere else than into the package's own folder.
    private static func isTrick(_ name: String) -> Bool {
        let parts = name.split(omittingEmptySubsequences: false, whereSeparator: isSeparator)
        let isAbsolute = parts.first?.isEmpty != false
        let hasDrive = name.contains(":")
        let hasControl = name.unicodeScalars.contains { $0.value < 0x20 }
        return isAbsolute || hasDrive || hasControl || parts.contains { $0 == ".." }
    }

    private static func hasEngine(_ paths: [[String]], in root: ArraySlice<String>) -> Bool {
        paths.contains { $0.starts(with: root) && $0.dropFirst(root.count).first == "engine" && $0.count > root.count + 1 }
    }

    private static func hasContent(_ paths: [[String]], in root: ArraySlice<String>) -> Bool {
        paths.contains { path in
            let rest = path.dropFirst(root.count)
            return path.starts(with: root) && rest.count >= 4 && rest.dropFirst(1).starts(with: ["content", "paks"])
                && [".pak", ".ucas", ".utoc"].contains { rest.last?.hasSuffix($0) == true }
        }
    }
}
