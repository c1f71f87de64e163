/// One thing that can be asked for: a method, a path with names in it, and who answers.
struct Route: Sendable {
    typealias Answer = @Sendable (Request, Captures) -> Response

    let method: String
    private let segments: [Segment]
    let answer: Answer

    private enum Segment: Sendable {
        case exactly(String)
        case named(String)
        /// All that is left of the path, not decoded; only as the last one.
        case rest(String)
    }

    /// `pattern` as in `/projects/{id}` and `/files/{path...}`.
    init(_ method: String, _ pattern: String, _ answer: @escaping Answer) {
        self.method = method
        self.answer = answer
        segments = pattern.split(separator: "/").map { part in
            guard part.hasPrefix("{"), part.hasSuffix("}") else { return .exactly(String(part)) }
            let name = part.dropFirst().dropLast()
            return name.hasSuffix("...") ? .rest(String(name.dropLast(3))) : .named(String(name))
        }
    }

    /// What the path's named parts hold.
    struct Captures: Sendable {
        fileprivate var values: [String: String] = [:]

        /// Empty if there is no part of that name.
        subscript(name: String) -> String {
            values[name] ?? ""
        }
    }

    /// The captures if this is the path of that route.
    func captures(_ path: String) -> Captures? {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        var captures = Captures()
        for segment in segments {
            if case .rest(let name) = segment {
                captures.values[name] = parts.joined(separator: "/")
                return captures
            }
            guard let part = parts.popFirst().map({ PercentEncoding.decoded($0) }), !part.isEmpty else { return nil }
            switch segment {
            case .exactly(let text) where text != part: return nil
            case .named(let name): captures.values[name] = part
            default: break
            }
        }
        return parts.allSatisfy(\.isEmpty) ? captures : nil
    }
}

/// All routes; the first one that fits answers.
struct Router: Sendable {
    let routes: [Route]

    func answer(_ request: Request) -> Response {
        let fitting = routes.compactMap { route in route.captures(request.path).map { (route, $0) } }
        // libmicrohttpd leaves the body out by itself.
        let method = request.method == "HEAD" ? "GET" : request.method
        if let (route, captures) = fitting.first(where: { $0.0.method == method }) {
            if request.bodyIsTooLarge, request.form == nil {
                return .message(413, "The body is larger than \(Server.bodyLimit) bytes")
            }
            return route.answer(request, captures)
        }
        if fitting.isEmpty {
            return .message(404, "There is nothing at \(request.path)")
        }
        let allowed = Set(fitting.map { $0.0.method }).sorted().joined(separator: ", ")
        return .message(405, "\(request.method) is not possible here; \(allowed) is", headers: [("Allow", allowed)])
    }
}
