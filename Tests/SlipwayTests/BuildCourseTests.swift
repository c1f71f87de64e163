import Testing

@testable import Slipway

/// Whatever is seen, however often and in whatever order: nothing is live that the service does not call approved.
@Suite struct BuildCourseTests {
    private static let words = [
        "pending", "Downloading Files", "Extracting & Scanning", "Saving to Repository", "Distribute", "Approved", "Reject", "Baking",
    ]
    private let start = ContinuousClock.now
    private let settle = Duration.seconds(60)

    /// One sighting a second; what is concluded right after each one.
    private func verdicts(_ words: some Sequence<String>) -> [BuildCourse.Verdict] {
        var course = BuildCourse()
        return words.enumerated().map { second, word in
            _ = course.observe(word, at: start + .seconds(second))
            return course.verdict(at: start + .seconds(second), settle: settle)
        }
    }

    /// The rule again, written down differently: from the words alone.
    private func expected(_ words: ArraySlice<String>) -> BuildCourse.Verdict {
        switch words.last {
        case "Reject": .rejected
        case "Approved": words.contains("Distribute") ? .live : .approved
        case "Distribute": words.contains("Approved") ? .approved : .undecided
        default: .undecided
        }
    }

    private func check(_ words: [String]) -> Bool {
        let verdicts = verdicts(words)
        return words.indices.allSatisfy { index in
            let seen = words[...index]
            if verdicts[index] == .live && (seen.last != "Approved" || !seen.contains("Distribute")) { return false }
            if (seen.last == "Reject") != (verdicts[index] == .rejected) { return false }
            return verdicts[index] == expected(seen)
        }
    }

    /// All sequences of up to five sightings: every subset, order and repetition.
    @Test func allShortCourses() {
        var courses: [[String]] = [[]]
        for _ in 0..<5 {
            courses = courses.flatMap { course in Self.words.map { course + [$0] } }
            let wrong = courses.first { !check($0) }
            #expect(wrong == nil)
        }
        #expect(courses.count == 32_768)
    }

    @Test func allPermutationsOfAllStates() {
        var words = Self.words
        var (count, wrong) = (0, [[String]]())
        func permute(_ length: Int) {
            guard length > 1 else {
                count += 1
                if !check(words) { wrong.append(words) }
                return
            }
            for index in 0..<length {
                permute(length - 1)
                words.swapAt(length.isMultiple(of: 2) ? index : 0, length - 1)
            }
        }
        permute(words.count)
        #expect(count == 40_320 && wrong.isEmpty, "\(wrong.first ?? [])")
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func longCoursesWithRepetitions(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let course = (0..<Int.random(in: 1...40, using: &generator)).map { _ in Self.words.randomElement(using: &generator) ?? "" }
            #expect(check(course), "\(course)")
        }
    }

    /// Time alone makes live what has stayed approved, and nothing else.
    @Test func onlyAnApprovedBuildSettles() {
        for first in Self.words {
            for second in Self.words {
                var course = BuildCourse()
                _ = course.observe(first, at: start)
                _ = course.observe(second, at: start + .seconds(1))
                let verdict = course.verdict(at: start + .seconds(86_400), settle: settle)
                #expect((verdict == .live) == (second == "Approved"), "\(first), \(second)")
                #expect((verdict == .rejected) == (second == "Reject"), "\(first), \(second)")
                #expect((course.settles(settle) != nil) == (second == "Approved"))
            }
        }
    }

    private func observe(_ course: inout BuildCourse, _ word: String, _ instant: ContinuousClock.Instant) {
        let isNews = course.observe(word, at: instant)
        #expect(isNews)
    }

    @Test func anApprovedBuildSettlesExactlyAfterItsTime() {
        var course = BuildCourse()
        observe(&course, "Approved", start)
        #expect(course.settles(settle) == start + settle)
        #expect(course.verdict(at: start + settle - .nanoseconds(1), settle: settle) == .approved)
        #expect(course.verdict(at: start + settle, settle: settle) == .live)
        #expect(course.verdict(at: start, settle: .zero) == .live)
    }

    @Test func leavingApprovedStartsTheTimeAnew() {
        var course = BuildCourse()
        observe(&course, "Approved", start)
        observe(&course, "Baking", start + .seconds(50))
        observe(&course, "Approved", start + .seconds(55))
        #expect(course.verdict(at: start + .seconds(60), settle: settle) == .approved)
        #expect(course.verdict(at: start + .seconds(115), settle: settle) == .live)
    }

    @Test func seeingTheSameAgainIsNoNews() {
        var course = BuildCourse()
        #expect(course.current == nil && course.verdict(at: start, settle: .zero) == .undecided && course.settles(settle) == nil)
        observe(&course, "Approved", start)
        let isNews = course.observe("Approved", at: start + .seconds(30))
        #expect(!isNews)
        #expect(course.settles(settle) == start + settle)
        observe(&course, "Baking", start + .seconds(40))
        observe(&course, "Cooling", start + .seconds(41))
        #expect(course.sightings.map(\.serviceState) == ["Approved", "Baking", "Cooling"])
        #expect(course.sightings.map(\.state) == [.approved, .unknown, .unknown])
        #expect(course.current?.at == start + .seconds(41))
    }
}
