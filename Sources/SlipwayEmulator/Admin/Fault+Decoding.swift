import SlipwayJSON

extension Fault {
    /// The longest time that anything can be told to wait, in milliseconds.
    private static let patience = 0...3_600_000

    /// Reads a fault out of an admin request: `action` and its members, and which requests it is for.
    init(_ form: AdminForm) throws(AdminForm.Refusal) {
        method = try form.string("method")?.uppercased() ?? "*"
        path = PathPattern(text: try form.string("path") ?? "*")
        guard path.text == "*" || path.text.hasPrefix("/") else {
            throw AdminForm.Refusal("path must begin with /, or be *")
        }
        skip = try form.integer("skip", 0...1_000_000) ?? 0
        count = try form.integer("count", 0...1_000_000_000) ?? 1
        let stage = try form.choice("after", Stage.self)
        let name = try form.required("action")
        action = try Self.action(name, form)
        delay = try form.integer("delayMs", Self.patience) ?? 0
        if case .deliver = action {
            guard stage != .arrival else {
                throw AdminForm.Refusal("\(name) is about the delivery of the true answer: it can only be after processing")
            }
            self.stage = .processing
        } else {
            self.stage = stage ?? .arrival
        }
        if case .delay = action, delay == 0 {
            throw AdminForm.Refusal("delayMs is missing")
        }
        try form.finish()
    }

    private static func action(_ name: String, _ form: AdminForm) throws(AdminForm.Refusal) -> Action {
        switch name {
        case "delay":
            return .delay
        case "close":
            return .close
        case "status":
            guard let status = try form.integer("status", 200...599) else { throw AdminForm.Refusal("status is missing") }
            let body = try form.string("body") ?? ""
            var headers = try headers(form)
            if !body.isEmpty, !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
                headers.append(("Content-Type", "application/json"))
            }
            return .answer(Response(status: status, headers: headers, body: .bytes(Array(body.utf8))))
        case "truncate":
            let bytes = try form.integer("bytes", 0...Int(Int32.max))
            return .deliver(Delivery(cut: bytes.map { .after(UInt64($0)) } ?? .half))
        case "length":
            guard let by = try form.integer("by", -1_000_000...1_000_000), by != 0 else {
                throw AdminForm.Refusal("by is missing: how many bytes Content-Length is too large (or, negative, too small)")
            }
            return .deliver(Delivery(lengthError: by))
        case "drip":
            let bytes = try form.integer("bytes", 1...1_000_000) ?? 1
            return .deliver(Delivery(drip: Delivery.Drip(bytes: bytes, interval: try form.integer("intervalMs", patience) ?? 100)))
        case "html":
            let page = "<!DOCTYPE html>\n<html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>\n"
            return .answer(.text(try form.integer("status", 200...599) ?? 200, page, type: "text/html; charset=utf-8"))
        case "broken-json":
            return .answer(
                .text(try form.integer("status", 200...599) ?? 200, "{\"message\":\"Build queued for proc", type: "application/json"))
        case "redirect":
            let location = try form.required("location")
            guard isHeaderText(location) else { throw AdminForm.Refusal("location is not a possible header") }
            let status = try form.integer("status", 300...399) ?? 302
            return .answer(Response(status: status, headers: [("Location", location)], body: .bytes([])))
        case "oversized":
            let bytes = try form.integer("bytes", 1...Int.max)
            let isEndless = try form.flag("endless") ?? false
            guard isEndless || bytes != nil else { throw AdminForm.Refusal("bytes is missing, or endless: true") }
            return .answer(
                Response(
                    status: 200, headers: [("Content-Type", "application/json")],
                    body: isEndless ? .endless : .padding(UInt64(bytes ?? 0))))
        case "empty":
            return .answer(Response(status: try form.integer("status", 200...599) ?? 200, headers: [], body: .bytes([])))
        default:
            let names = "delay, close, status, truncate, length, drip, html, broken-json, redirect, oversized, empty"
            throw AdminForm.Refusal("action must be one of \(names)")
        }
    }

    private static func headers(_ form: AdminForm) throws(AdminForm.Refusal) -> [(name: String, value: String)] {
        guard let value = form.value("headers") else { return [] }
        guard value.kind == .object else { throw AdminForm.Refusal("headers must be an object") }
        var headers: [(name: String, value: String)] = []
        for (name, value) in value.members {
            guard let text = value.string, isHeaderText(text), isToken(name) else {
                throw AdminForm.Refusal("headers: \(name) is not a possible header")
            }
            guard !["content-length", "transfer-encoding"].contains(name.lowercased()) else {
                throw AdminForm.Refusal("headers: \(name) is the server's own business; see the actions length and oversized")
            }
            headers.append((name, text))
        }
        return headers
    }

    private static func isHeaderText(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
    }

    private static func isToken(_ text: String) -> Bool {
        let others = "0123456789-_.!#$%&'*+^`|~"
        return !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || others.contains($0)) }
    }
}
