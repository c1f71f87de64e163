import SlipwayJSON
import Testing

@testable import Slipway

@Suite struct ProjectTests {
    @Test func theNewerListsEntryIsRead() throws {
        let project = try #require(Project(["_id": "p1", "name": "My game", "status": true, "subscriptionStatus": "active"]))
        let expected: JSON = [
            "id": "p1", "name": "My game", "active": true, "status": "true", "region": nil, "subscriptionStatus": "active",
            "createdAt": nil,
            "updatedAt": nil,
        ]
        #expect(project.summary == expected && project.builds.isEmpty)
    }

    @Test func theOlderListsEntryIsRead() throws {
        let project = try #require(
            Project(["id": "p1", "name": "My game", "region": "Europe", "status": "Active", "createdAt": "then", "updatedAt": "now"]))
        let expected: JSON = [
            "id": "p1", "name": "My game", "active": true, "status": "Active", "region": "Europe", "subscriptionStatus": nil,
            "createdAt": "then",
            "updatedAt": "now",
        ]
        #expect(project.summary == expected)
    }

    @Test(arguments: [
        (JSON.bool(false), JSON.bool(false), "false"), ("inactive", false, "inactive"), ("", false, ""), ("ACTIVE", true, "ACTIVE"),
    ])
    func statusIsAFlagOrAWord(status: JSON, active: JSON, word: String) throws {
        let summary = try #require(Project(["id": "p1", "status": status])).summary
        #expect(summary["active"] == active && summary.string("status") == word)
    }

    private let document: JSON = [
        "id": "p1", "name": "My game", "region": "europe", "status": "active", "webhookUrl": "https://me:pass@h/hook?token=hidden",
        "webhookEvents": ["build.approved", 7, "build.rejected"], "customDomain": "play.example.com",
        "files": [
            ["_id": "b1", "url": "https://h/1.zip", "status": "Approved", "date": "d1", "objection": nil], ["status": "Approved"], 7, nil,
            ["_id": "b2", "url": "https://h/2.zip", "status": "Reject", "date": "d2", "objection": "no .exe"],
        ],
        "liveUsers": 7, "usersInQueue": 0, "subscriptionStatus": "active", "createdAt": "then", "updatedAt": "now",
    ]

    @Test func awholeProjectIsRead() throws {
        let project = try #require(Project(document))
        #expect(project.id == "p1" && project.builds.map(\.id) == ["b1", "b2"])
        #expect(project.build("b2")?.objection == "no .exe" && project.build("b3") == nil)
        let form = project.normalForm(raw: document)
        #expect(form.string("webhookUrl") == "https://[redacted]@h/hook?[redacted]")
        #expect(form["webhookEvents"] == ["build.approved", "build.rejected"])
        #expect(form.string("customDomain") == "play.example.com" && form.integer("liveUsers") == 7 && form.integer("usersInQueue") == 0)
        #expect(form.at(pointer: "/builds/1/objection")?.string == "no .exe" && form["builds"]?.count == 2)
        #expect(form["raw"] == document)
    }

    @Test func aWrappedProjectIsRead() throws {
        let project = try #require(Project(["project": document, "message": "ok"]))
        #expect(project.id == "p1" && project.builds.count == 2)
        #expect(try #require(Project(["_id": "p2", "project": "My game"])).id == "p2")
    }

    @Test func membersAreAlwaysThere() throws {
        let form = try #require(Project(["_id": "p1"])).normalForm(raw: nil)
        let names = [
            "id", "name", "active", "status", "region", "subscriptionStatus", "createdAt", "updatedAt", "customDomain", "webhookUrl",
            "webhookEvents",
            "liveUsers", "usersInQueue", "builds", "raw",
        ]
        #expect(form.members.map(\.key) == names)
        #expect(form["builds"] == [] && form["webhookEvents"] == [] && form["active"]?.isNull == true && form["liveUsers"]?.isNull == true)
    }

    @Test(arguments: ["{}", "[]", "null", "7", #"{"id":7}"#, #"{"_id":""}"#, #"{"project":{}}"#, #"{"message":"Project not found"}"#])
    func whatHasNoIdIsNoProject(text: String) throws {
        #expect(Project(try JSON(parsing: text)) == nil)
    }

    /// Every member with every kind of value: something is made of it, or nothing, but never a trap.
    @Test func wrongTypesAreLeftOut() throws {
        let values: [JSON] = [nil, true, 7, -1.5, "text", ["a"], ["a": 1], [], .object([(String, JSON?)]())]
        for name in document.members.map(\.key) where name != "id" {
            for value in values {
                let form = try #require(Project(document.adding(name, value))).normalForm(raw: nil)
                #expect(form.string("id") == "p1" && form["builds"]?.kind == .array && form["webhookEvents"]?.kind == .array)
                for text in ["name", "region", "status", "customDomain", "webhookUrl", "createdAt", "updatedAt", "subscriptionStatus"] {
                    #expect(form[text].map { $0.isNull || $0.kind == .string } == true, "\(name) = \(value): \(text)")
                }
                for number in ["liveUsers", "usersInQueue"] { #expect(form[number].map { $0.isNull || $0.kind == .integer } == true) }
            }
        }
    }
}
