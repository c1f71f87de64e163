import Testing

@testable import Slipway

@Suite struct WaitingTimeTests {
    @Test(arguments: [
        ("Rate limit exceeded. Try again in 2 minutes.", 120), ("wait 30 seconds", 30), ("wait 30s", 30), ("in 1 minute", 60), ("2m", 120),
        ("1 h", 3_600),
        ("3 HOURS", 10_800), ("Retry after: 45 sec.", 45), ("(90sec)", 90), ("0 seconds", 0), ("1 request per 2 minutes", 120),
        ("error 429: wait 5 mins", 300), ("2\tminutes", 120), ("2-minutes", 120), ("99999 hours", 86_400), ("86401 s", 86_400),
    ])
    func aNumberWithAUnitIsATime(text: String, seconds: Int) {
        #expect(WaitingTime.read(text) == .seconds(seconds))
    }

    @Test(arguments: [
        "", "Rate limit exceeded", "429", "minutes", "two minutes", "2 apples", "500 ms", "2", "s", "99999999999999999999 s", "２ minutes",
        "2 minutesque", "-",
    ])
    func anythingElseIsNone(text: String) {
        #expect(WaitingTime.read(text) == nil)
    }

    /// Never shorter than told.
    @Test(arguments: [("Try again in 1 minute and 30 seconds.", 90), ("wait 1m 30s", 90)])
    func aTimeInPartsIsNotCutShort(text: String, seconds: Int) throws {
        let time = try #require(WaitingTime.read(text))
        #expect(time >= .seconds(seconds))
    }

    @Test func anyTextMayCome() {
        var generator = SeededGenerator(seed: 1)
        let pieces = ["0", "9", "4294967296", " ", "s", "m", "h", "minutes", ".", "-", "é", "\u{0}", "٣", "x", "\n"]
        for _ in 0..<5_000 {
            let text = (0..<Int.random(in: 0...10, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            let time = WaitingTime.read(text) ?? .zero
            #expect(time >= .zero && time <= .seconds(86_400), "\(text.debugDescription)")
        }
    }
}
