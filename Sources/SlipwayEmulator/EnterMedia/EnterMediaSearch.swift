import SlipwayJSON

/// A search as clients ask for it: terms that must all match, and one page of what is found.
struct EnterMediaSearch: Sendable {
    struct Term: Sendable {
        let field: String
        let operation: String
        let value: String
    }

    let terms: [Term]
    let page: Int
    let hitsPerPage: Int

    /// Without a body all records are found. Nil when there is a body without a query, which the server does not survive.
    init?(_ exchange: Exchange) {
        guard let body = exchange.body else {
            terms = [Term(field: "id", operation: "matches", value: "*")]
            (page, hitsPerPage) = (1, 36)
            return
        }
        guard let list = body["query"]?["terms"], list.kind == .array else { return nil }
        terms = list.elements.map { term in
            Term(
                field: term.string("field") ?? "id", operation: term.string("operation") ?? term.string("operator") ?? "matches",
                value: term.string("value") ?? "")
        }
        page = max(1, exchange.text("page").flatMap { Int($0) } ?? 1)
        hitsPerPage = min(max(1, exchange.text("hitsperpage").flatMap { Int($0) } ?? 36), 10_000)
    }

    /// The records of this page, and how many there are on all of them.
    func page<Record>(
        of records: Records<Record>, id: KeyPath<Record, String>, value: (Record, String) -> String?
    ) -> (hits: [Record], total: Int) {
        let (skipped, overflow) = (page - 1).multipliedReportingOverflow(by: hitsPerPage)
        // A search for one id is the usual one, and must not look at all records.
        if let exact = terms.first(where: { $0.field == "id" && $0.value != "*" }) {
            let hits = records[exact.value].map { matches($0, id, value) ? [$0] : [] } ?? []
            return (skipped == 0 ? hits : [], hits.count)
        }
        if terms.allSatisfy({ $0.value == "*" }) {
            return (overflow ? [] : Array(records.all.dropFirst(skipped).prefix(hitsPerPage)), records.count)
        }
        let hits = records.all.filter { matches($0, id, value) }
        return (overflow ? [] : Array(hits.dropFirst(skipped).prefix(hitsPerPage)), hits.count)
    }

    private func matches<Record>(_ record: Record, _ id: KeyPath<Record, String>, _ value: (Record, String) -> String?) -> Bool {
        terms.allSatisfy { term in
            term.value == "*" || term.value == (term.field == "id" ? record[keyPath: id] : value(record, term.field))
        }
    }

    /// The query in the words of the server's users; `id` is what they call an id.
    func friendlyText(id: String) -> String {
        let names = ["id": id, "assetid": "Asset Id"]
        return terms.map { "\(names[$0.field] ?? $0.field):\($0.value)" }.joined(separator: " ")
    }

    /// The query as the server's index has it.
    var text: String {
        terms.map { "\($0.field):(\($0.value))" }.joined(separator: " AND ")
    }

    /// The answer around the results; `query` says what was searched for.
    func answer(_ kind: String, total: Int, query: String, results: String) -> String {
        """
        {
        \t"response":
        \t\t{
        \t\t    "status":"ok",
        \t\t\t"totalhits" : \(total),
        \t\t\t"searchtype" : "\(kind)",
        \t\t\t"hitsperpage": \(hitsPerPage),\t\t\t
        \t\t\t"page": \(page),
        \t\t\t"pages": \((total + hitsPerPage - 1) / hitsPerPage),
        \t\t\t"hitsessionid": "hits\(kind)assets/catalog",
        \t\t\t"query":
        \t\t\t{
        \(query)\t\t\t}
        \t\t},
        \t"results":[
        \(results)\t\t]
        }


        """
    }
}
