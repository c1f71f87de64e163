import Glibc
import SlipwayHTTP
import SlipwayJSON
import Testing

@testable import Slipway

/// What is found in packages that can be read.
@Suite struct PackageTests {
    init() throws { try Libraries.load() }

    private func read(_ archive: PackageArchive) throws -> Package {
        let file = try PackageTestFile(archive)
        return try Package.read(file.path)
    }

    private func codes(_ names: [String]) throws -> [String] {
        try read(PackageArchive(names.map { .init($0) })).findings.map(\.code.rawValue)
    }

    @Test func aGoodPackageHasNoFindings() throws {
        let file = try PackageTestFile(.good)
        let package = try Package.read(file.path)
        let size = PackageArchive.good.bytes.count
        #expect(package.path == file.path && package.size == size && package.entries == 3 && !package.isZip64)
        #expect(package.executable == "Windows/Game.exe" && package.findings.isEmpty)
        let expected: JSON = [
            "filePath": .string(file.path), "size": .integer(size), "entries": 3, "uncompressedSize": 0, "executable": "Windows/Game.exe",
            "zip64": false, "findings": [],
        ]
        #expect(package.normalForm == expected)
        #expect(package.normalForm.members.map(\.key) == expected.members.map(\.key))
    }

    @Test func findingsAreInTheAnswer() throws {
        let answer = try read(PackageArchive("readme.txt")).normalForm
        #expect(answer["executable"]?.isNull == true)
        let findings = answer["findings"]?.elements ?? []
        #expect(findings.map { $0.string("severity") } == ["error", "warning"])
        #expect(findings.map { $0.string("code") } == ["no_executable", "no_content"])
        for finding in findings {
            #expect(finding.members.map(\.key) == ["severity", "code", "message"] && finding.string("message")?.isEmpty == false)
        }
    }

    @Test(
        arguments: [
            (["Game.exe"], "Game.exe"), (["Windows/Game.exe"], "Windows/Game.exe"), (["Windows\\Game.exe"], "Windows/Game.exe"),
            (["./Game.exe"], "Game.exe"), (["./Windows//Game.EXE"], "Windows/Game.EXE"), (["Spiel für 2.exe"], "Spiel für 2.exe"),
            (["a/b.exe", "z.exe"], "z.exe"), (["b.exe", "a.exe", "C.exe"], "a.exe"), (["B/a.exe", "a/z.exe"], "a/z.exe"),
            (["A.exe", "a.exe"], "A.exe"), (["a.exe", "A.exe"], "A.exe"),
            (["CrashReportClient.exe", "UEPrereqSetup_x64.exe", "UE4PREREQSETUP_x64.EXE", "w/Game.exe"], "w/Game.exe"),
            (["CrashReportClient.exe"], nil), (["w/UEPrereqSetup_x64.exe"], nil), (["__MACOSX/._Game.exe"], nil),
            (["a/b/Game.exe"], nil), (["a\\b\\Game.exe"], nil), (["Game.exe/"], nil), (["Game.exe\\"], nil), (["Game.exe/a"], nil),
            ([".exe"], nil), (["w/.exe"], nil), (["Game.exe.txt"], nil), (["Gameexe"], nil), (["../Game.exe"], nil), (["/Game.exe"], nil),
            (["C:Game.exe"], nil),
        ] as [([String], String?)])
    func theExecutableIsTheFirstNearTheRoot(names: [String], executable: String?) throws {
        let package = try read(PackageArchive(names.map { .init($0) }))
        #expect(package.executable == executable)
        #expect(package.findings.contains { $0.code == .noExecutable && $0.severity == .error } == (executable == nil))
    }

    @Test func aProgramThatIsTooDeepIsNamed() throws {
        let package = try read(PackageArchive("a/b/c/Other.exe", "a/b/Game.exe", "a/b/Engine/x.pak"))
        #expect(package.findings.map(\.code) == [.noExecutable])
        #expect(package.findings.first?.message.contains("a/b/Game.exe is too deep") == true)
    }

    @Test(arguments: [
        (["Engine/a.dll"], nil), (["engine\\a.dll"], nil), (["Windows/ENGINE/"], nil), (["a/b/Engine/c"], nil), (["Engine"], "Engine"),
        (["MyEngine/a"], "Engine"),
    ])
    func contentNeedsAnEngine(names: [String], missing: String?) throws { try expectContent(names + ["a.pak"], missing) }

    @Test(arguments: [
        (["Game/Content/Paks/a"], nil), (["a/b/c/content/paks/"], nil), (["Content/Paks"], "Paks"), (["Content/Other/Paks/a"], "Paks"),
        (["a.pak"], nil), (["a/b/c/d.UCAS"], nil), (["x.utoc"], nil), (["x.pak/"], "Paks"), (["x.pak.txt"], "Paks"),
        (["Game/Content/a.uasset"], "Paks"),
    ])
    func contentNeedsAContainer(names: [String], missing: String?) throws { try expectContent(names + ["Engine/a.dll"], missing) }

    private func expectContent(_ names: [String], _ missing: String?) throws {
        let package = try read(PackageArchive((names + ["Game.exe"]).map { .init($0) }))
        #expect(package.findings.map(\.code) == (missing == nil ? [] : [.noContent]))
        #expect(package.findings.allSatisfy { $0.severity == .warning && $0.message.contains(missing ?? "") })
    }

    @Test(arguments: [
        ("../a", "leads out"), ("a/../../b", "leads out"), ("a\\..\\b", "leads out"), ("..", "leads out"), ("a/..", "leads out"),
        ("a/.. /b", "leads out"), ("a/... /b", "leads out"), ("/a", "absolute"), ("\\a", "absolute"), ("//server/a", "absolute"),
        ("\\\\?\\C:\\a", "absolute"), ("C:\\a", "colon"), ("c:a", "colon"), ("a/b:c", "colon"), ("a\u{0}b", "control"),
        ("a\nb", "control"), ("", "no name"),
    ])
    func pathsThatLeadElsewhereAreUnsafe(name: String, part: String) throws {
        let package = try read(PackageArchive("Game.exe", "Engine/a.pak", name))
        #expect(package.findings.map(\.code) == [.unsafePath] && package.findings.map(\.severity) == [.error])
        let message = try #require(package.findings.first?.message)
        #expect(message.contains(part) && !message.contains("first of"), "\(message)")
        #expect(message.utf8.allSatisfy { $0 >= 0x20 })
    }

    @Test(arguments: ["..a", "a..", "a/..b/c", "a. ./b", "...a", "./a", "a//b", ".", " ", "ä/ö", "a;b", "~/a", "-rf", "%2e%2e/a"])
    func oddPathsAreNotUnsafe(name: String) throws {
        #expect(try codes(["Game.exe", "Engine/a.pak", name]) == [])
    }

    @Test func symbolicLinksAreUnsafe() throws {
        let link = { (entry: inout PackageArchive.Entry) in
            entry.madeBy = 3 << 8 | 20
            entry.attributes = 0xA1ED_0000
        }
        let package = try read(PackageArchive([.init("Game.exe"), .init("Engine/a.pak", link)]))
        #expect(package.findings.map(\.code) == [.unsafePath])
        #expect(package.findings.first?.message.contains("Engine/a.pak is a symbolic link") == true)
        // The same attributes mean something else when they were not written on a Unix.
        #expect(try read(PackageArchive([.init("Game.exe"), .init("Engine/a.pak") { $0.attributes = 0xA1ED_0000 }])).findings.isEmpty)
    }

    @Test func oneFindingTellsTheFirstAndHowMany() throws {
        let encrypted = { (entry: inout PackageArchive.Entry) in entry.flags = 1 }
        let package = try read(
            PackageArchive([
                .init("Game.exe"), .init("../first"), .init("Engine/a.pak", encrypted), .init("../second"), .init("b", encrypted),
                .init("/third"),
            ]))
        #expect(package.findings.map(\.code) == [.unsafePath, .encrypted])
        let messages = package.findings.map(\.message)
        #expect(messages[0].contains("../first") && messages[0].contains("the first of 3 unsafe paths"), "\(messages)")
        #expect(messages[1].contains("Engine/a.pak is encrypted") && messages[1].contains("the first of 2 encrypted files"), "\(messages)")
    }

    @Test func theSourcesOfAProjectAreNoPackage() throws {
        #expect(try codes(["Game.uproject", "Content/a.uasset"]) == ["not_a_package", "no_executable", "no_content"])
        #expect(try codes(["Game/Game.UPROJECT"]) == ["not_a_package", "no_executable", "no_content"])
        #expect(try codes(["a/b/Game.uproject"]) == ["no_executable", "no_content"])
        #expect(try codes(["Game.uproject/a"]) == ["no_executable", "no_content"])
        #expect(try codes(["Windows/Game.exe", "Windows/Game/Game.uproject", "Windows/Game.uproject", "Engine/a.pak"]) == [])
    }

    /// Bytes that are no UTF-8 are those of the first PCs.
    @Test(
        arguments: [
            ([0x84, 0x8E, 0xE1], "äÄß"), ([0xFF], "\u{A0}"), ([0x80, 0xFE], "Ç■"), (Array("äÄß".utf8), "äÄß"), ([0xC3], "├"),
            (Array("日本".utf8), "日本"),
        ] as [([UInt8], String)])
    func namesAreReadAsTheyWereWritten(bytes: [UInt8], text: String) throws {
        var entry = PackageArchive.Entry("")
        entry.name = bytes + Array(".exe".utf8)
        #expect(try read(PackageArchive([entry])).executable == text + ".exe")
    }

    @Test func messagesArePrintable() {
        #expect(EntryName.printable(Array("a\nb\u{202E}c\u{7F}".utf8)) == "a\\u{A}b\\u{202E}c\\u{7F}")
        #expect(EntryName.printable(Array(repeating: UInt8(ascii: "x"), count: 65_535)).utf8.count == 203)
        #expect(EntryName.printable(Array(String(repeating: "e\u{301}", count: 1_000).utf8)).utf8.count < 400)
        for byte in UInt8.min...UInt8.max { #expect(!EntryName.text([byte, 0xFF]).isEmpty) }
    }

    @Test func sizesAreAddedUp() throws {
        let contents = [3, 40, 500].map { count in
            PackageArchive.Entry("Engine/\(count)") { $0.content = [UInt8](repeating: 7, count: count) }
        }
        #expect(try read(PackageArchive(contents)).uncompressedSize == 543)
    }

    /// Lies about what it unpacks to: the sum stays at the largest number.
    @Test func theSumOfSizesSaturates() throws {
        let archive = PackageArchive([.init("a") { $0.isZip64 = true }, .init("b") { $0.isZip64 = true }])
        var (bytes, layout) = (archive.bytes, archive.layout)
        for entry in layout.entries {
            // The first number of the zip64 field, behind a name of one byte and the field's own header.
            let at = Int(entry) + 46 + 1 + 4
            bytes.replaceSubrange(at..<at + 8, with: PackageArchive.little(.max, 8))
        }
        let file = try PackageTestFile(bytes)
        let package = try Package.read(file.path)
        #expect(package.uncompressedSize == .max)
        #expect(package.normalForm.integer("uncompressedSize") == .max)
    }

    @Test func symbolicLinksToFilesAreFollowed() throws {
        let file = try PackageTestFile(.good)
        let link = file.path + ".link"
        try #require(symlink(file.path, link) == 0)
        defer { unlink(link) }
        #expect(try Package.read(link).entries == 3)
    }
}
