import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What fuzzing has found worth keeping goes through the parsers again, without a fuzzer: `make fuzz` is what looks for more.
@Suite struct CorpusTests {
    init() throws { try Parser.prepare() }

    @Test(arguments: Parser.all.map(\.name))
    func nothingInTheCorpusBreaksAParser(name: String) throws {
        let parser = try #require(Parser.named(name))
        let corpus = Self.files(in: "corpus/\(name)")
        #expect(corpus.count > 3, "the corpus of \(name) is not there")
        for path in corpus + Self.files(in: "crashes/\(name)") {
            #expect(throws: Never.self, "\(path)") { try parser.read(Self.bytes(path)) }
        }
    }

    /// Beginnings of what is good are what a broken connection gives.
    @Test(arguments: Parser.all.map(\.name))
    func noBeginningOfTheCorpusBreaksAParser(name: String) throws {
        let parser = try #require(Parser.named(name))
        for path in Self.files(in: "corpus/\(name)") {
            let bytes = Self.bytes(path)
            for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 8)) {
                #expect(throws: Never.self, "the first \(length) bytes of \(path)") { try parser.read(Array(bytes.prefix(length))) }
            }
        }
    }

    @Test func everyFolderBelongsToAParser() {
        let programs = ["answers", "calls"]
        for kind in ["corpus", "crashes"] {
            for folder in Self.names(in: Self.root + kind) {
                #expect(Parser.named(folder) != nil || programs.contains(folder), "\(kind)/\(folder) is nobody's")
            }
        }
    }

    private static let root = "\(#filePath.prefix { _ in true }.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" })/"

    private static func files(in folder: String) -> [String] { names(in: root + folder).map { "\(root)\(folder)/\($0)" } }

    private static func names(in folder: String) -> [String] {
        guard let handle = opendir(folder) else { return [] }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    private static func bytes(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "rb") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes.prefix(count))
    }
}
