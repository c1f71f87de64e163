import SlipwayHTTP
import Testing

@testable import Slipway

@Suite struct HostedBuildTests {
    @Test(arguments: [
        ("/builds/MyGame-1.0.zip", "MyGame-1.0-"), ("My Game (final).ZIP", "My-Game--final--"), ("Schlüssel.zip", "Schl-ssel-"),
        ("/a/b/.zip", ""), ("...", ""), ("", ""), ("../../etc/passwd", "passwd-"), ("a\"b\\c$d", "a-b-c-d-"),
    ])
    func aNameIsOfTheFileAndUnguessable(path: String, start: String) throws {
        let name = HostedBuild.makeName(for: path)
        #expect(name.hasPrefix(start) && name.utf8.count == start.utf8.count + 36)
        #expect(HostedBuild.isName(name))
        #expect(try Identifier.check(name, "name") == name)
        #expect(HostedBuild.makeName(for: path) != name)
    }

    @Test func aLongNameIsCut() throws {
        let name = HostedBuild.makeName(for: String(repeating: "x", count: 5000) + ".zip")
        #expect(name.utf8.count == 64 + 1 + 36)
        _ = try Identifier.check(name, "name")
    }

    /// What somebody else has named is nobody's to overwrite or remove.
    @Test(arguments: [
        "latest.zip", "MyGame-1.0.zip", "0123456789abcdef0123456789abcdeg.zip", "0123456789abcdef0123456789abcdef", ".zip", "",
    ])
    func otherNamesAreNotOurs(name: String) { #expect(!HostedBuild.isName(name)) }

    @Test func uuidsAreOfVersion4AndDifferent() {
        let made = (0..<200).map { _ in UUID.make() }
        #expect(Set(made).count == 200)
        for uuid in made {
            let parts = uuid.split(separator: "-", omittingEmptySubsequences: false)
            #expect(parts.map(\.utf8.count) == [8, 4, 4, 4, 12] && parts[2].hasPrefix("4") && "89ab".contains(parts[3].prefix(1)))
            #expect(uuid.utf8.allSatisfy { $0 == UInt8(ascii: "-") || "0123456789abcdef".utf8.contains($0) })
        }
    }

    @Test(arguments: [
        "a/../b", "..", ".", "/a", "a//b", "a\\b", "a$b", "a\"b", "a\nb", "a:b", String(repeating: "x", count: 513),
    ])
    func aFolderThatIsNoneIsRefused(folder: String) {
        var upload = EnterMedia.Upload()
        upload.sourcePath = folder
        #expect {
            try AssetTarget("a1", file: "/x/y.zip", upload)
        } throws: {
            ($0 as? Failure)?.status == .invalidArgument && ($0 as? Failure)?.message.holds("source_path") == true
        }
    }

    @Test func aFolderHasADefaultAndNoSlashAtItsEnd() throws {
        var upload = EnterMedia.Upload()
        #expect(try AssetTarget("a1", file: "/x/y.zip", upload).folder == "slipway/a1")
        upload.sourcePath = "builds/Mein Spiel/"
        let target = try AssetTarget("a1", file: "/x/y.zip", upload)
        #expect(target.folder == "builds/Mein Spiel" && target.name == "y.zip")
        #expect(target.request == ["id": "a1", "sourcepath": "builds/Mein Spiel/"])
    }
}
