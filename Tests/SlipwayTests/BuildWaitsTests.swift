import SlipwayHTTP
import Testing

@testable import Slipway

@Suite(.timeLimit(.minutes(1))) struct BuildWaitsTests {
    @Test func newsWakeTheWaitsOfTheirBuild() async throws {
        try await Resident.with { resident in
            try await resident.run { resident in
                let waits = BuildWaits()
                func wait(_ projectID: String, _ uploadID: String) -> BuildWaits.Wait {
                    let wait = BuildWaits.Wait(projectID: projectID, uploadID: uploadID)
                    wait.sleep = Suspension(on: resident.loop)
                    waits.add(wait)
                    return wait
                }
                let (first, twin, other, stranger) = (wait("p1", "b1"), wait("p1", "b1"), wait("p1", "b2"), wait("p2", "b1"))
                #expect(waits.wake(projectID: "p3", uploadID: nil) == 0)
                #expect(waits.wake(projectID: "p1", uploadID: "b3") == 0)
                #expect(waits.wake(projectID: "p1", uploadID: "b1") == 2)
                try await first.sleep?.wait()
                try await twin.sleep?.wait()
                // Awake already.
                #expect(waits.wake(projectID: "p1", uploadID: "b1") == 0)
                #expect(waits.wake(projectID: "p1", uploadID: nil) == 1)
                try await other.sleep?.wait()
                waits.remove(stranger)
                #expect(waits.wake(projectID: "p2", uploadID: "b1") == 0)
            }
        }
    }
}
