import Testing

@testable import Slipway

@Suite struct BuildStateTests {
    /// The service's words, and the state that each one is.
    static let words: [(String, BuildState)] = [
        ("pending", .pending), ("queued", .pending), ("uploaded", .pending), ("Downloading Files", .downloading),
        ("downloading", .downloading),
        ("Extracting & Scanning", .extracting), ("extracting", .extracting), ("Saving to Repository", .saving), ("saving", .saving),
        ("Distribute", .distributing), ("distributing", .distributing), ("Approved", .approved), ("Reject", .rejected),
        ("rejected", .rejected),
    ]

    @Test(arguments: words)
    func aWordIsAStateInAnyCase(word: String, state: BuildState) {
        for spelling in [word, word.lowercased(), word.uppercased()] { #expect(BuildState(status: spelling) == state) }
    }

    @Test(arguments: ["", " approved", "approved ", "live", "approve", "reject ed", "unknown", "Downloading  Files", "approved\u{0}"])
    func anotherWordIsUnknown(word: String) {
        #expect(BuildState(status: word) == .unknown)
    }

    @Test(arguments: [
        ("build.uploaded", BuildState.pending), ("build.downloading", .downloading), ("build.extracting", .extracting),
        ("build.saving", .saving),
        ("build.distributing", .distributing), ("build.approved", .approved), ("build.rejected", .rejected), ("build.something", .unknown),
        ("build.", .unknown),
    ])
    func anEventIsAState(event: String, state: BuildState) {
        #expect(BuildState(event: event) == state)
    }

    @Test(arguments: ["", "webhook.test", "approved", "build", "Build.approved", "xbuild.approved"])
    func anEventThatIsNotAboutABuildIsNone(event: String) {
        #expect(BuildState(event: event) == nil)
    }
}
