import Glibc
import SlipwayHTTP
import Testing

@testable import Slipway

/// What killed processes leave behind, and what is told and taken away of it.
@Suite struct StorageDirectoryUnfinishedTests {
    private let folder: StorageDirectoryTestFolder
    private let storage: StorageDirectory

    init() throws {
        folder = try StorageDirectoryTestFolder()
        storage = try folder.directory()
    }

    private func id(_ number: Int) -> String { String(repeating: "0", count: 30) + String(number + 10) }

    /// What is left of a copy of `key`: gives its path in the folder.
    @discardableResult
    private func leave(_ key: String, _ number: Int = 0) throws -> String {
        var steps = key.split(separator: "/").map(String.init)
        let name = try #require(HiddenName(target: steps.removeLast(), id: id(number))).text
        var path = ""
        for step in steps {
            path += "\(step)/"
            mkdir("\(folder.site)/\(path)", 0o755)
        }
        try folder.write("site/\(path)\(name)", [1, 2, 3])
        return path + name
    }

    private func keys(_ prefix: String, isWhole: Bool = false) throws -> [String] {
        let (found, isComplete) = try storage.unfinished(prefix: prefix, isWhole: isWhole, limit: 100)
        #expect(isComplete)
        #expect(try folder.openDescriptors() == 0)
        return found.map(\.key)
    }

    @Test func leftoversAreToldByTheirKeys() throws {
        for key in ["b/a.zip", "a.zip", "b/c/d.zip", "bb.zip", "b.zip"] { try leave(key) }
        try leave("a.zip", 1)
        // What is none: other files, even of such names but for a letter, and a folder.
        for name in [
            ".a.zip.slipway", ".x.zip.\(id(0))0.slipway", "y.zip.\(id(0)).slipway", ".\(id(0)).slipway", "a.zip", ".z.\(id(0)).Slipway",
        ] {
            try folder.write("site/\(name)", [])
        }
        mkdir("\(folder.site)/.f.\(id(0)).slipway", 0o755)
        #expect(try keys("") == ["a.zip", "a.zip", "b.zip", "b/a.zip", "b/c/d.zip", "bb.zip"])
        #expect(try keys("b") == ["b.zip", "b/a.zip", "b/c/d.zip", "bb.zip"])
        #expect(try keys("b/") == ["b/a.zip", "b/c/d.zip"])
        #expect(try keys("b/c/d.z") == ["b/c/d.zip"])
        #expect(try keys("a.zip", isWhole: true) == ["a.zip", "a.zip"])
        #expect(try keys("b", isWhole: true) == [])
        #expect(try keys("b/c/d.zip", isWhole: true) == ["b/c/d.zip"])
        #expect(try keys("none/at/all") == [] && keys("a.zip/below") == [])
        let (found, isComplete) = try storage.unfinished(prefix: "", isWhole: false, limit: 2)
        #expect(found.map(\.key) == ["a.zip", "a.zip"] && found.map(\.id) == [id(0), id(1)] && !isComplete)
        #expect(abs(try #require(found.first).modified - Int64(time(nil))) < 60)
        #expect(try storage.unfinished(prefix: "", isWhole: false, limit: 6).isComplete)
        let none = try storage.unfinished(prefix: "", isWhole: false, limit: 0)
        #expect(none.found.isEmpty && !none.isComplete)
    }

    /// With a prefix of their own, and far more than are wanted: those that come first are told.
    @Test func ofVeryManyTheFirstAreTold() throws {
        for number in 0..<500 {
            let digits = String(10_000 + (number * 7_919) % 500)
            try leave("many/\(digits)")
        }
        let (found, isComplete) = try storage.unfinished(prefix: "many/", isWhole: false, limit: 10)
        #expect(found.map(\.key) == (0..<10).map { "many/\(10_000 + $0)" } && !isComplete)
    }

    @Test func namesAreComparedByteByByte() throws {
        let (one, two) = ("caf\u{E9}.zip", "cafe\u{301}.zip")
        try leave(one)
        #expect(try keys(one, isWhole: true).count == 1 && keys(one).count == 1)
        #expect(try keys(two, isWhole: true).isEmpty && keys(two).isEmpty)
        try storage.store(folder.source([1]), two)
        #expect(try keys("") == [one])
    }

    /// The hidden name of a long one is cut, between two characters, and what is told leads back to it.
    @Test func longNamesAreCut() throws {
        let name = String(repeating: "ä", count: 120) + ".zip"
        let left = try leave("a/\(name)")
        #expect(left.utf8.count <= 2 + 255)
        #expect(try keys("a/\(name)", isWhole: true) == ["a/\(name)"])
        #expect(try keys("a/\(name)").count == 1)
        let told = try #require(try storage.unfinished(prefix: "", isWhole: false, limit: 1).found.first)
        #expect(told.key == "a/" + String(repeating: "ä", count: 106))
        try storage.removeUnfinished(told)
        #expect(try folder.names() == ["a/"])
    }

    @Test func aLeftoverIsRemoved() throws {
        try leave("a/b.zip")
        try leave("a/b.zip", 1)
        try folder.write("site/a/b.zip", [7])
        let found = try storage.unfinished(prefix: "a/b.zip", isWhole: true, limit: 10).found
        try storage.removeUnfinished(try #require(found.first))
        #expect(try keys("") == ["a/b.zip"])
        // It is gone, or never was.
        try storage.removeUnfinished(try #require(found.first))
        try storage.removeUnfinished(.init(key: "x/y", id: id(0), modified: 0))
        #expect(try folder.bytes("site/a/b.zip") == [7])
        for id in ["", "../../etc/passwd", id(0) + "0", id(0).dropLast() + "G"] {
            let failure = try #require(throws: Failure.self) { try storage.removeUnfinished(.init(key: "a/b.zip", id: id, modified: 0)) }
            #expect(failure.status == .invalidArgument)
        }
        #expect(try folder.openDescriptors() == 0)
    }

    @Test(arguments: ["../outside", "a//b", "/", "./a", "a/../b/"]) func aPrefixDoesNotLeadOut(prefix: String) throws {
        #expect(
            try #require(throws: Failure.self) { try storage.unfinished(prefix: prefix, isWhole: false, limit: 1) }.status
                == .invalidArgument)
    }

    @Test func noLinkIsFollowed() throws {
        try #require(mkdir("\(folder.path)/outside", 0o755) == 0)
        let name = try #require(HiddenName(target: "a.zip", id: id(0))).text
        try folder.write("outside/\(name)", [1])
        try #require(symlink("../outside", "\(folder.site)/link") == 0 && symlink("../outside/\(name)", "\(folder.site)/\(name)") == 0)
        #expect(try keys("").isEmpty)
        #expect(throws: Failure.self) { try storage.unfinished(prefix: "link/", isWhole: false, limit: 1) }
        #expect(throws: Failure.self) { try storage.removeUnfinished(.init(key: "link/a.zip", id: id(0), modified: 0)) }
        try storage.removeUnfinished(.init(key: "a.zip", id: id(0), modified: 0))
        #expect(folder.exists("outside/\(name)") && folder.exists("site/\(name)"))
    }

    @Test func theNextCopyOfTheSameKeyClearsAway() throws {
        try leave("a.zip")
        try leave("a.zip", 1)
        let other = try leave("a.zip2")
        try storage.store(folder.source([1]), "a.zip")
        #expect(try folder.names() == [other, "a.zip"])
    }

    /// What is looked for while a copy is under way, in the same process.
    @Test func aCopyThatIsUnderWayIsNoLeftover() throws {
        let folder = try StorageDirectoryTestFolder(in: StorageDirectoryTestFolder.copying)
        let (storage, site) = (try folder.directory(), folder.site)
        let hidden = Monitor([String]())
        try storage.store(folder.source(randomBytes(2 << 20)), "a.zip", bytesPerSecond: 16 << 20) { copied in
            guard copied < 2 << 20, let names = try? Folder(site).names() else { return }
            #expect((try? storage.unfinished(prefix: "", isWhole: false, limit: 10))?.found.isEmpty == true)
            for name in names.compactMap({ HiddenName($0) }) {
                hidden.withLock { $0.append(name.id) }
                #expect(throws: Failure.self) { try storage.removeUnfinished(.init(key: "a.zip", id: name.id, modified: 0)) }
            }
            // Nor does a second copy of the same key take it away.
            let descriptor = open("\(site)/../small.zip", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
            close(descriptor)
            if let small = try? SourceFile("\(site)/../small.zip") {
                #expect(throws: Never.self) { try storage.store(small, "a.zip", alwaysSend: true) }
            }
        }
        hidden.withLock { #expect(!$0.isEmpty && Set($0).count == 1) }
        #expect(try folder.names() == ["a.zip"] && folder.status("site/a.zip").st_size == 2 << 20)
    }

    /// Another process has it, until it is killed.
    @Test(.timeLimit(.minutes(1)), .enabled(if: access("/usr/bin/flock", X_OK) == 0)) func aKilledProcessLeavesALeftover() async throws {
        let name = try leave("a.zip")
        let words: [String] = ["flock", "--no-fork", "--exclusive", "\(folder.site)/\(name)", "/bin/sleep", "60"]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        let spawned = posix_spawn(&child, "/usr/bin/flock", nil, nil, &arguments, nil)
        try #require(spawned == 0)
        var isReaped = false
        defer {
            if !isReaped {
                kill(child, SIGKILL)
                waitpid(child, nil, 0)
            }
        }
        while try !keys("").isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        #expect(throws: Failure.self) { try storage.removeUnfinished(.init(key: "a.zip", id: id(0), modified: 0)) }
        try storage.store(folder.source([1]), "a.zip")
        #expect(try folder.names() == [name, "a.zip"])
        kill(child, SIGKILL)
        waitpid(child, nil, 0)
        isReaped = true
        #expect(try keys("") == ["a.zip"])
        try storage.store(folder.source([2]), "a.zip")
        #expect(try folder.names() == ["a.zip"])
    }
}
