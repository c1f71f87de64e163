import CExpat
import Testing

@Suite struct ExpatTests {
    /// What the handler was told, and what it answers.
    private final class Record {
        var events: [String] = []
        var most = Int.max

        func note(_ event: String) -> Bool {
            events.append(event)
            return events.count < most
        }

        static func of(_ pointer: UnsafeMutableRawPointer?) -> Record? {
            pointer.map { Unmanaged<Record>.fromOpaque($0).takeUnretainedValue() }
        }
    }

    init() throws { try #require(cexpat_load(nil, 0) == 0) }

    private func parse(
        _ text: String, bytes: Int = 1000, depth: Int = 5, elements: Int = 10, most: Int = .max
    ) -> (status: cexpat_status, events: [String], error: cexpat_error) {
        let record = Record()
        record.most = most
        var limits = cexpat_limits(bytes: bytes, depth: depth, elements: elements)
        var handler = cexpat_handler(
            start: { Record.of($0)?.note("<" + ($1.map { String(cString: $0) } ?? "")) ?? false },
            text: {
                Record.of($0)?.note(String(decoding: UnsafeRawBufferPointer(start: $1, count: $2), as: UTF8.self)) ?? false
            },
            end: { Record.of($0)?.note(">") ?? false })
        var error = cexpat_error()
        let document = Array(text.utf8)
        let status = withExtendedLifetime(record) {
            cexpat_parse(document, document.count, &limits, &handler, Unmanaged.passUnretained(record).toOpaque(), &error)
        }
        return (status, record.events, error)
    }

    @Test func isNewEnough() throws {
        #expect(String(cString: try #require(cexpat_version())).hasPrefix("expat_2."))
    }

    @Test func tellsOfElementsAndText() {
        let result = parse("<?xml version='1.0'?><a b='c'>x<!-- y --><n:d/></a>")
        #expect(result.status == CEXPAT_OK)
        #expect(result.events == ["<a", "x", "<n:d", ">", ">"])
    }

    @Test func limitsHoldToTheLast() {
        #expect(parse("<a><a><a><a><a/></a></a></a></a>").status == CEXPAT_OK)
        #expect(parse("<a><a><a><a><a><a/></a></a></a></a></a>").status == CEXPAT_TOO_DEEP)
        #expect(parse("<a>" + String(repeating: "<b/>", count: 9) + "</a>").status == CEXPAT_OK)
        #expect(parse("<a>" + String(repeating: "<b/>", count: 10) + "</a>").status == CEXPAT_TOO_MANY)
        #expect(parse("<a/>", bytes: 4).status == CEXPAT_OK)
        #expect(parse("<a/>", bytes: 3).status == CEXPAT_TOO_LARGE)
        #expect(parse("<a/>", depth: 0).status == CEXPAT_TOO_DEEP)
    }

    /// An empty element's end belongs to the same tag as its start: expat reports it although it was told to stop.
    @Test(arguments: 1...4)
    func nothingComesAfterAStop(most: Int) {
        let result = parse("<a><b/>x</a>", most: most)
        #expect(result.status == CEXPAT_STOPPED)
        #expect(result.events == Array(["<a", "<b", ">", "x"].prefix(most)))
    }

    @Test func aDoctypeIsRefusedBeforeItDeclaresAnything() {
        let result = parse("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>")
        #expect(result.status == CEXPAT_DOCTYPE)
        #expect(result.events.isEmpty)
        #expect(result.error.line == 1)
    }

    @Test func saysWhereItIsMalformed() {
        let result = parse("<a>\n  <b></c></a>")
        #expect(result.status == CEXPAT_MALFORMED)
        #expect(result.error.line == 2)
        #expect(withUnsafeBytes(of: result.error.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) } == "mismatched tag")
        #expect(parse("").status == CEXPAT_MALFORMED)
    }
}
