import Testing

@testable import Slipway

struct PartPlanTests {
    private static let mebibyte: UInt64 = 1 << 20

    @Test(
        arguments: [
            (0, 1), (1, 1), (16 << 20, 1), (16 << 20 + 1, 2), (100 << 20, 7), (16_000 << 20, 1000), (24_000_000_000, 996),
            (5_000_000_000_000, 1000),
        ] as [(UInt64, Int)])
    func aFileIsCutIntoPartsThatFitIt(size: UInt64, count: Int) throws { #expect(try PartPlan(size: size, wanted: 0).count == count) }

    @Test(
        arguments: [0, 1, 5 << 20, 5 << 20 + 1, 16 << 20, 123_456_789, 24_000_000_000, 53_687_091_200_000] as [UInt64],
        [0, 5 << 20, 7_777_777, 5 << 30] as [UInt64])
    func thePartsAreTheFileOnceAndInOrder(size: UInt64, wanted: UInt64) throws {
        let plan = try PartPlan(size: size, wanted: wanted)
        #expect(plan.count <= 10_000)
        #expect(plan.count == 1 || PartPlan.sizes.contains(plan.partSize))
        var end: UInt64 = 0
        for number in 1...plan.count {
            let range = plan.range(of: number)
            #expect(range.lowerBound == end)
            #expect(size == 0 || !range.isEmpty)
            end = range.upperBound
        }
        #expect(end == size)
        #expect(plan.range(of: plan.count + 1).isEmpty)
    }

    @Test func whatIsWantedIsTakenUntilThereWouldBeTooManyParts() throws {
        #expect(try PartPlan(size: 50_000 << 20, wanted: 5 << 20).partSize == 5 << 20)
        let grown = try PartPlan(size: 60_000 << 20, wanted: 5 << 20)
        #expect(grown.partSize > 5 << 20)
        #expect(grown.count <= 10_000)
    }

    @Test(arguments: [1, 5 << 20 - 1, 5 << 30 + 1, .max] as [UInt64])
    func partsThatS3DoesNotTakeAreRefused(wanted: UInt64) {
        #expect(throws: Failure.self) { try PartPlan(size: 1, wanted: wanted) }
    }

    @Test func aFileThatNoObjectCanHoldIsRefused() { #expect(throws: Failure.self) { try PartPlan(size: .max, wanted: 0) } }

    @Test func partsThatAreThereMakeAPlanUnlessThereWouldBeTooMany() {
        #expect(PartPlan(size: 100 << 20, partSize: 8 << 20)?.count == 13)
        #expect(PartPlan(size: 100 << 20, partSize: 0) == nil)
        #expect(PartPlan(size: .max, partSize: 5 << 20) == nil)
    }
}
