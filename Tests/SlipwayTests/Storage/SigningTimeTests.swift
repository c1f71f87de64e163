import Testing

@testable import Slipway

@Suite struct SigningTimeTests {
    @Test(arguments: [
        (0, "19700101T000000Z"), (86_399, "19700101T235959Z"), (951_782_400, "20000229T000000Z"), (951_868_800, "20000301T000000Z"),
        (1_369_353_600, "20130524T000000Z"), (1_709_164_800, "20240229T000000Z"), (2_147_483_648, "20380119T031408Z"),
        (4_107_542_400, "21000301T000000Z"), (253_402_300_799, "99991231T235959Z"), (253_402_300_800, "99991231T235959Z"),
        (-1, "19700101T000000Z"),
        (Int64.max, "99991231T235959Z"), (Int64.min, "19700101T000000Z"),
    ])
    func stamps(seconds: Int64, stamp: String) {
        let time = SigningTime(secondsSince1970: seconds)
        #expect(time.stamp == stamp && time.day == stamp.prefix(8))
    }

    @Test func everyDayFollowsTheOneBefore() {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        var (year, month, day) = (1970, 1, 1)
        for days in 0..<200_000 {
            let number = Int(SigningTime(secondsSince1970: Int64(days) * 86_400 + 43_200).day)
            guard number == year * 10_000 + month * 100 + day else {
                Issue.record("day \(days) is \(String(describing: number))")
                return
            }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            day += 1
            if day > lengths[month - 1] + (month == 2 && isLeap ? 1 : 0) { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
    }

    @Test func aClockLearnsOnceFromTheSameServer() {
        var clock = SigningClock()
        func learns(_ serverTime: Int64, _ machine: Int64) -> Bool { clock.learn(serverTime: serverTime, machine: machine) }
        #expect(clock.now(machine: 1_000_000) == 1_000_000)
        #expect(learns(1_003_600, 1_000_000))
        #expect(clock.skew == 3600 && clock.now(machine: 1_000_100) == 1_003_700)
        // It refuses again with the same time: then the time is not why.
        #expect(!learns(1_003_610, 1_000_010))
        #expect(!learns(1_003_660, 1_000_010))
        #expect(clock.skew == 3600)
        // The machine's clock was set right meanwhile.
        #expect(learns(1_003_700, 1_003_700))
        #expect(clock.skew == 0)
    }

    @Test func aClockBelievesNothingImpossible() {
        var clock = SigningClock()
        func learns(_ serverTime: Int64, _ machine: Int64) -> Bool { clock.learn(serverTime: serverTime, machine: machine) }
        #expect(!learns(-1, 1_000_000))
        #expect(!learns(0, 1_000_000))
        #expect(!learns(.max, .min))
        #expect(clock == SigningClock())
        #expect(learns(.max, 0))
        #expect(!learns(1, .max))
        _ = SigningTime(secondsSince1970: clock.now(machine: .max))
    }
}
