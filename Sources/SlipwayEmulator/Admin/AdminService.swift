import SlipwayJSON

/// The admin endpoints that are about the server itself: faults and the journal. No fault strikes them, and the journal has none of
/// their requests.
struct AdminService: Sendable {
    /// Where they are served.
    static let prefix = "/_emulator"

    private let faults: FaultList
    private let journal: Journal

    init(faults: FaultList, journal: Journal) {
        self.faults = faults
        self.journal = journal
    }

    var routes: [Route] {
        let base = Self.prefix
        return [
            Route("GET", base + "/faults") { _, _ in .json(200, .object(["faults": faults.document])) },
            Route("POST", base + "/faults") { request, _ in
                Self.answer { () throws(AdminForm.Refusal) in
                    let form = try AdminForm(request)
                    let fault = try Fault(form)
                    return .json(201, .object(["id": .integer(faults.add(fault, document: form.document))]))
                }
            },
            Route("DELETE", base + "/faults") { _, _ in
                _ = faults.remove(id: nil)
                return .json(200, .object(["faults": .array([])]))
            },
            Route("DELETE", base + "/faults/{id}") { _, captures in
                guard let id = Int(captures["id"]), faults.remove(id: id) else {
                    return .message(404, "There is no fault \(captures["id"])")
                }
                return .json(200, .object(["faults": faults.document]))
            },
            Route("GET", base + "/journal") { request, _ in
                Self.answer { () throws(AdminForm.Refusal) in
                    .json(200, .object(["entries": journal.document(try Self.filter(request))]))
                }
            },
            Route("DELETE", base + "/journal") { _, _ in
                journal.clear()
                return .json(200, .object(["entries": .array([])]))
            },
        ]
    }

    /// Answers a refusal as all errors are answered.
    static func answer(_ body: () throws(AdminForm.Refusal) -> Response) -> Response {
        do throws(AdminForm.Refusal) {
            return try body()
        } catch {
            return .message(error.status, error.text)
        }
    }

    private static func filter(_ request: Request) throws(AdminForm.Refusal) -> Journal.Filter {
        var filter = Journal.Filter()
        for (name, value) in request.query {
            switch (name, Int(value)) {
            case ("method", _): filter.method = value.uppercased()
            case ("path", _): filter.path = Fault.PathPattern(text: value)
            case ("status", let number?): filter.status = number
            case ("since", let number?): filter.since = number
            case ("limit", let number?) where number >= 0: filter.limit = number
            default: throw AdminForm.Refusal("\(name)=\(value) is no filter; filters are method, path, status, since, limit")
            }
        }
        return filter
    }
}
