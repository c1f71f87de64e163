// A program in Swift, with its own dynamic runtime, Concurrency and Foundation, beside the library, which carries a runtime of its own.
// Both work at the same time, and neither takes the other's types, tasks or threads.
//
//     dynamic LIBRARY      linked (-D LINKED) or loaded by dlopen

import CSlipway
import Foundation

func require(_ condition: Bool, _ text: @autoclosure () -> String, line: Int = #line) {
    guard !condition else { return }
    FileHandle.standardError.write(Data("dynamic.swift:\(line): \(text())\n".utf8))
    exit(1)
}

func need<Value>(_ value: Value?, _ what: String, line: Int = #line) -> Value {
    guard let value else { require(false, "there is no \(what)", line: line); exit(1) }
    return value
}

func setting(_ name: String) -> String { String(cString: need(getenv(name), "\(name) in the environment")) }

// MARK: The library

/// Its functions, linked or found.
struct Library: Sendable {
    typealias Create =
        @convention(c) (
            UnsafePointer<slipway_client_options>?, UnsafeMutablePointer<OpaquePointer?>?, UnsafeMutablePointer<CChar>?, Int
        ) -> slipway_status
    typealias Stats =
        @convention(c) (
            OpaquePointer?, UnsafePointer<slipway_project_request>?, slipway_complete_fn?, UnsafeMutableRawPointer?,
            UnsafeMutablePointer<slipway_operation>?
        ) -> slipway_status
    typealias Release =
        @convention(c) (
            OpaquePointer?, UnsafePointer<slipway_release_request>?, slipway_complete_fn?, UnsafeMutableRawPointer?,
            UnsafeMutablePointer<slipway_operation>?
        ) -> slipway_status
    typealias Close = @convention(c) (OpaquePointer?, UInt32) -> slipway_status
    typealias Json = @convention(c) (UnsafePointer<slipway_result>?, UnsafePointer<CChar>?) -> UnsafePointer<CChar>?

    let create: Create, stats: Stats, release: Release, close: Close, json: Json

    #if LINKED
        init(_ path: String) {
            (create, stats, release) = (slipway_client_create, slipway_get_project_stats, slipway_release)
            (close, json) = (slipway_client_close, slipway_result_json)
        }
    #else
        init(_ path: String) {
            let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL)
            require(handle != nil, String(cString: dlerror()))
            func find<Function>(_ name: String, _ type: Function.Type) -> Function {
                let address = dlsym(handle, name)
                require(address != nil, name)
                return unsafeBitCast(address, to: type)
            }
            create = find("slipway_client_create", Create.self)
            stats = find("slipway_get_project_stats", Stats.self)
            release = find("slipway_release", Release.self)
            close = find("slipway_client_close", Close.self)
            json = find("slipway_result_json", Json.self)
        }
    #endif
}

let library = Library(CommandLine.arguments[1])

/// An answer, read by this program's own Foundation.
struct Answer: Sendable {
    var status: slipway_status
    var message: String
    var document: Document

    struct Document: Codable, Sendable { var projectId: String?, stage: String?, uploadId: String? }
}

final class Waiting {
    let continuation: CheckedContinuation<Answer, Never>

    init(_ continuation: CheckedContinuation<Answer, Never>) { self.continuation = continuation }
}

/// Comes on a thread of the library's, and resumes a task of this program's.
let onComplete: slipway_complete_fn = { result, userData in
    let waiting = Unmanaged<Waiting>.fromOpaque(need(userData, "user_data")).takeRetainedValue()
    let result = need(result, "result")
    require(threadName() == "slipway-deliver", "a callback on \(threadName())")
    let text = Data(String(cString: need(library.json(result, ""), "answer")).utf8)
    do {
        let document = try JSONDecoder().decode(Answer.Document.self, from: text)
        let message = String(cString: result.pointee.message)
        waiting.continuation.resume(returning: Answer(status: result.pointee.status, message: message, document: document))
    } catch {
        require(false, "\(error)")
    }
}

/// Unchecked: the handle is a number, which any thread may use.
struct Client: @unchecked Sendable {
    let handle: OpaquePointer

    init() {
        var options = slipway_client_options()
        options.struct_size = UInt32(MemoryLayout<slipway_client_options>.size)
        options.streampixel_rate_window_ms = 1
        var made: OpaquePointer?
        let status = setting("SLIPWAY_TEST_BASE_URL").withCString { url in
            options.streampixel_base_url = url
            return library.create(&options, &made, nil, 0)
        }
        require(status == SLIPWAY_OK, "slipway_client_create: \(status)")
        handle = need(made, "client")
    }

    func stats() async -> Answer {
        await withCheckedContinuation { continuation in
            var request = slipway_project_request()
            request.struct_size = UInt32(MemoryLayout<slipway_project_request>.size)
            let status = setting("SLIPWAY_TEST_PROJECT_ID").withCString { project in
                request.project_id = project
                return library.stats(handle, &request, onComplete, Unmanaged.passRetained(Waiting(continuation)).toOpaque(), nil)
            }
            require(status == SLIPWAY_OK, "slipway_get_project_stats: \(status)")
        }
    }

    func release() async -> Answer {
        await withCheckedContinuation { continuation in
            var request = slipway_release_request()
            request.struct_size = UInt32(MemoryLayout<slipway_release_request>.size)
            request.interval_ms = 10
            request.settle_ms = 50
            let status = setting("SLIPWAY_TEST_PROJECT_ID").withCString { project in
                setting("SLIPWAY_TEST_PACKAGE").withCString { package in
                    (request.project_id, request.file_path) = (project, package)
                    return library.release(handle, &request, onComplete, Unmanaged.passRetained(Waiting(continuation)).toOpaque(), nil)
                }
            }
            require(status == SLIPWAY_OK, "slipway_release: \(status)")
        }
    }

    func close() { require(library.close(handle, 30000) == SLIPWAY_OK, "slipway_client_close") }
}

// MARK: The program's own work

/// Names that the library has as well: they are other types.
protocol Redacted { var text: String { get } }
enum Failure: Error, Equatable { case refused(Int) }
actor Ledger {
    private(set) var entries: [String: Int] = [:]
    func add(_ key: String) { entries[key, default: 0] += 1 }
}
struct Operation: Redacted, Codable, Hashable {
    var id: Int
    var text: String
}
class Delivery<Value> { let value: Value; init(_ value: Value) { self.value = value } }
final class Loop: Delivery<[Int]> {}

func threadName() -> String {
    let name = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
    return need(name, "name of this thread").trimmingCharacters(in: .newlines)
}

/// Casts, metatypes, generics, errors, JSON, tasks and actors: what a runtime keeps tables for.
func ownWork(_ number: Int, _ ledger: Ledger) async {
    let values: [Any] = [
        Operation(id: number, text: "text \(number)"), "text", number, Loop([number]), Failure.refused(number), [1: "one"],
    ]
    require(values.compactMap { $0 as? any Redacted }.map(\.text) == ["text \(number)"], "as? any Redacted")
    require((values[3] as? Delivery<[Int]>)?.value == [number] && values[3] as? Delivery<String> == nil, "as? Delivery<[Int]>")
    require(values[4] as? any Error as? Failure == .refused(number), "as? any Error")
    require(values[5] as? [AnyHashable: Any] != nil && values[2] as? String == nil, "as? [AnyHashable: Any]")
    require(String(reflecting: type(of: values[0])) == "dynamic.Operation", String(reflecting: type(of: values[0])))
    require(_typeByName("7dynamic9OperationV") == Operation.self, "_typeByName")
    do {
        let encoded = try JSONEncoder().encode(values[0] as? Operation)
        require(try JSONDecoder().decode(Operation.self, from: encoded) == values[0] as? Operation, "JSON")
        throw Failure.refused(number)
    } catch let failure as Failure {
        require(failure == .refused(number), "catch")
    } catch {
        require(false, "\(error)")
    }
    let sum = await withTaskGroup(of: Int.self) { group in
        for part in 0..<4 {
            group.addTask {
                await Task.yield(); return part * number
            }
        }
        return await group.reduce(0, +)
    }
    require(sum == 6 * number, "a task group gave \(sum)")
    require(!threadName().hasPrefix("slipway"), "a task of the program's own on \(threadName())")
    await ledger.add("\(number % 3)")
}

// MARK: Both

@main
struct Program {
    static func main() async {
        let ledger = Ledger()
        let clients = (0..<3).map { _ in Client() }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<300 { group.addTask { await ownWork(number, ledger) } }
            for client in clients {
                group.addTask {
                    for _ in 0..<20 {
                        async let first = client.stats()
                        async let second = client.stats()
                        for answer in await [first, second] {
                            require(answer.status == SLIPWAY_OK, answer.message)
                            require(answer.document.projectId == setting("SLIPWAY_TEST_PROJECT_ID"), "\(answer)")
                        }
                    }
                }
            }
            group.addTask {
                let answer = await clients[0].release()
                require(answer.status == SLIPWAY_OK, answer.message)
                require(answer.document.stage == "done" && answer.document.uploadId != nil, "\(answer)")
            }
        }
        for client in clients { client.close() }
        let entries = await ledger.entries
        require(entries == ["0": 100, "1": 100, "2": 100], "\(entries)")
        // Both are here: this program's, as files of their own, and the library, which has its own inside.
        let maps = String(decoding: (try? FileHandle(forReadingAtPath: "/proc/self/maps")?.readToEnd()) ?? Data(), as: UTF8.self)
        for file in [
            "libswiftCore.so", "libswift_Concurrency.so", "libFoundation.so",
            URL(fileURLWithPath: CommandLine.arguments[1]).lastPathComponent,
        ] {
            require(maps.contains("/\(file)"), "\(file) is not in this process")
        }
    }
}
