internal import SlipwayHTTP
package import SlipwayJSON

extension EnterMedia {
    /// Distributions to look for.
    package struct Search: Sendable {
        package struct Term: Sendable {
            package var field: String?
            package var match: String?
            package var value: String?

            package init(field: String?, match: String?, value: String?) {
                self.field = field
                self.match = match
                self.value = value
            }
        }

        package var terms: [Term] = []
        /// From 1. Zero: all of them.
        package var page: UInt32 = 0
        /// Zero is the default.
        package var pageSize: UInt32 = 0

        package init() {}
    }

    private static let searchPath = "distribution/search/search"
    /// What "all" means at the most: an answer has to fit into memory.
    private static let maxFound = 10_000

    /// Looks for distributions: one page, or all of them.
    package func search(_ search: Search, _ operation: Operation, _ delivery: Delivery) async throws -> JSON {
        let context = Context(operation: operation, delivery: delivery)
        let size = search.pageSize == 0 ? 100 : search.pageSize
        guard size <= 1000 else { throw Failure(.invalidArgument, "page_size is \(size): at most 1,000") }
        let terms = try Self.terms(search.terms)
        var raw: [JSON] = []
        var found: [Distribution] = []
        var page = max(1, search.page)
        while true {
            let document = try await self.page(page, size, terms, context)
            let results = try document.require(document.json["results"], "results").elements
            found += results.compactMap { Distribution(found: $0) }
            raw.append(document.json)
            let total = document.json["response"]?.integer("totalhits") ?? Int64(found.count)
            let pages = document.json["response"]?.integer("pages") ?? 1
            // A page without anything is the last one, whatever the server says of their number; nor do pages full of something else go on for ever.
            let isEnough = found.count >= Self.maxFound || (UInt32(Self.maxFound) + size - 1) / size <= page
            guard search.page == 0, page < pages, !results.isEmpty, !isEnough else {
                let isComplete = search.page == 0 ? Int64(clamping: found.count) >= total : pages <= 1
                return .object([
                    "distributions": .array(found.map { $0.normalForm(raw: .null) }), "total": .integer(total),
                    "page": search.page == 0 ? .null : .integer(page), "pages": .integer(pages), "complete": .bool(isComplete),
                    "raw": .array(raw),
                ])
            }
            page += 1
        }
    }

    /// The one with this very id, or nil: the search compares by its own rules.
    func found(_ id: String, _ context: Context) async throws -> Distribution? {
        let terms = try Self.terms([Search.Term(field: "id", match: nil, value: id)])
        let document = try await page(1, 20, terms, context)
        return document.json["results"]?.elements.compactMap { Distribution(found: $0) }.first { $0.id == id }
    }

    private func page(_ page: UInt32, _ size: UInt32, _ terms: JSON, _ context: Context) async throws -> Document {
        context.report(Progress(.requesting, "searching distributions, page \(page)"), on: loop)
        // Numbers as texts, as the server's own clients send them.
        let body = JSON.object([
            "page": .string(String(page)), "hitsperpage": .string(String(size)), "query": .object(["terms": terms]),
        ])
        let document = try await post(Self.searchPath, try body.encoded(), context).decoded()
        try document.requireOK()
        return document
    }

    /// A search without a query is one that the server does not survive: no terms means one that everything fulfils.
    private static func terms(_ terms: [Search.Term]) throws(Failure) -> JSON {
        guard !terms.isEmpty else { return .array([term("id", "matches", "*")]) }
        var list: [JSON] = []
        for (index, entry) in terms.enumerated() {
            guard let field = entry.field, !field.isEmpty else { throw Failure(.invalidArgument, "terms[\(index)].field is missing") }
            guard let value = entry.value, !value.isEmpty else { throw Failure(.invalidArgument, "terms[\(index)].value is missing") }
            list.append(term(field, entry.match.flatMap { $0.isEmpty ? nil : $0 } ?? "matches", value))
        }
        return .array(list)
    }

    private static func term(_ field: String, _ match: String, _ value: String) -> JSON {
        .object(["field": .string(field), "operation": .string(match), "value": .string(value)])
    }
}
