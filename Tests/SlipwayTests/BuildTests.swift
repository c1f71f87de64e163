import SlipwayJSON
import Testing

@testable import Slipway

@Suite struct BuildTests {
    @Test func anEntryIsRead() throws {
        let build = try #require(
            Build([
                "_id": "b1", "url": "https://h/a.zip?sig=hidden", "status": "Reject", "date": "2025-05-01T10:00:00Z",
                "objection": "no .exe",
            ]))
        #expect(build.id == "b1" && build.state == .rejected && build.serviceState == "Reject" && build.objection == "no .exe")
        #expect(build.url == "https://h/a.zip?sig=hidden")
        let expected: JSON = [
            "uploadId": "b1", "fileUrl": "https://h/a.zip?[redacted]", "state": "rejected", "serviceState": "Reject",
            "date": "2025-05-01T10:00:00Z",
            "objection": "no .exe",
        ]
        #expect(build.normalForm == expected)
    }

    @Test(arguments: ["_id", "id", "uploadId"])
    func anIdIsEnough(member: String) throws {
        let build = try #require(Build(JSON.object([(member, JSON.string("b1"))])))
        let expected: JSON = ["uploadId": "b1", "fileUrl": nil, "state": "unknown", "serviceState": "", "date": nil, "objection": nil]
        #expect(build.id == "b1" && build.normalForm == expected)
    }

    @Test func otherSpellingsAreRead() throws {
        let build = try #require(Build(["id": "b1", "fileUrl": "https://h/a.zip", "createdAt": "now", "objection": ""]))
        #expect(build.url == "https://h/a.zip" && build.date == "now" && build.objection == nil)
    }

    @Test(arguments: ["{}", "[]", "null", "7", #""b1""#, #"{"_id":7}"#, #"{"_id":null}"#, #"{"_id":""}"#, #"{"_id":["b1"]}"#])
    func withoutAnIdThereIsNone(text: String) throws {
        #expect(Build(try JSON(parsing: text)) == nil)
    }

    @Test func wrongTypesAreLeftOut() throws {
        let build = try #require(Build(["_id": "b1", "url": 7, "status": true, "date": ["x"], "objection": ["a": 1]]))
        let expected: JSON = ["uploadId": "b1", "fileUrl": nil, "state": "unknown", "serviceState": "", "date": nil, "objection": nil]
        #expect(build.normalForm == expected)
    }
}
