import Testing

@testable import Slipway

@Suite struct IdentifierTests {
    @Test(arguments: ["6650f0c2a1b2c3d4e5f60718", "a", "Z9", "my_project-1.0", "...", "-", String(repeating: "a", count: 128)])
    func anIdPasses(id: String) throws {
        #expect(try Identifier.check(id, "project_id") == id)
    }

    @Test(arguments: [
        ".", "..", " ", "a b", "a/b", "../x", "a?b", "a#b", "a%2e", "é", "a\u{0}", "a\n", "a\"b", "a+b", "ａ",
        String(repeating: "a", count: 129),
    ])
    func anythingElseIsRefusedByItsFieldsName(id: String) throws {
        let failure = try #require(throws: Failure.self) { try Identifier.check(id, "project_id") }
        #expect(failure.status == .invalidArgument && !failure.isRetriable)
        #expect(failure.message == "project_id is not an id" && !failure.hint.isEmpty)
    }

    @Test(arguments: [nil, ""] as [String?])
    func aMissingOneIsCalledMissing(id: String?) throws {
        let failure = try #require(throws: Failure.self) { try Identifier.check(id, "upload_id") }
        #expect(failure.status == .invalidArgument && failure.message == "upload_id is missing")
    }
}
