import Testing

@testable import SlipwayJSON

@Suite struct ConcurrencyTests {
    @Test func oneDocumentIsReadByManyTasks() async throws {
        let document = try JSON(parsing: #"{"builds":[{"id":1,"name":"one"},{"id":2,"name":"two"}],"raw":{"x":[true,null,0.5]}}"#)
        let expected = document.serialized()
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { @concurrent in
                    for _ in 0..<500 {
                        let build = document["builds"]?[1]
                        guard build?.string("name") == "two", document.at(pointer: "/raw/x/2")?.number == 0.5,
                            document.members.count == 2, document.serialized() == expected, document == document.detached()
                        else { return false }
                    }
                    return true
                }
            }
            for await ok in group { #expect(ok) }
        }
    }

    /// Trees of several tasks share one child. Each task takes and drops references to it, through Swift's counts and through jansson's.
    @Test func oneChildIsSharedByTreesOfManyTasks() async throws {
        let text = "a string long enough to be allocated by itself"
        for _ in 0..<20 {
            var document: JSON? = try JSON(parsing: #"{"shared":{"text":"\#(text)"}}"#)
            let child = document?["shared"]
            let trees: [JSON] = (0..<8).map { .object(["n": .integer($0), "child": child]) }
            document = nil
            await withTaskGroup { group in
                for tree in trees {
                    group.addTask { @concurrent in
                        var ok = true
                        for _ in 0..<100 {
                            let wrapped = JSON.array([tree, tree["child"] ?? .null])
                            ok = ok && wrapped[1]?.string("text") == text
                            ok = ok && tree.adding("more", wrapped)["more"]?.count == 2
                        }
                        return ok
                    }
                }
                for await ok in group { #expect(ok) }
            }
        }
    }

    /// The last reference is dropped by whichever task ends last: nobody but the tasks holds the tree.
    @Test func theLastTaskFreesTheTree() async throws {
        for _ in 0..<50 {
            var document: JSON? = try JSON(parsing: #"{"list":[{"a":"text"},{"b":"text"}]}"#)
            let tasks: [Task<Bool, Never>] = (0..<4).map { index in
                let part = document?["list"]?[index % 2]
                return Task { @concurrent in part?.string(index % 2 == 0 ? "a" : "b") == "text" }
            }
            document = nil
            for task in tasks { #expect(await task.value) }
        }
    }

    @Test func manyTasksBuildAndParse() async {
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask { @concurrent in
                    (0..<200).allSatisfy { round in
                        let value = JSON.object(["task": .integer(task), "round": .integer(round), "list": .array([1, 2.5, "x"])])
                        return (try? JSON(parsing: value.utf8())) == value
                    }
                }
            }
            for await ok in group { #expect(ok) }
        }
    }
}
