import SlipwayJSON

/// Assets: uploads, and what is known about them.
extension EnterMediaService {
    /// A form with a plain field `jsonrequest` (or its members as fields) and a file under any name, or JSON without a file. The same id
    /// replaces; the answer still shows what was there before.
    func createAsset(_ exchange: Exchange) -> Response {
        if let problem = exchange.request.form?.problem {
            return exchange.failure(details: problem)
        }
        guard let path = exchange.text("sourcepath"), !path.isEmpty else {
            return exchange.failure(details: "Required parameter not found sourcepath")
        }
        let file = exchange.request.form?.files.first
        let (title, givenID) = (exchange.text("assettitle"), exchange.text("id"))
        let owner = exchange.visitor.user?.id ?? ""
        let data = media.state.withLock { state -> JSON in
            let id = givenID.flatMap { $0.isEmpty ? nil : $0 } ?? state.newRecordID()
            let isFolder = path.hasSuffix("/")
            let filled = path.split(separator: "${filename}", omittingEmptySubsequences: false).joined(separator: file?.fileName ?? "")
            let sourcePath = filled.split(separator: "/").joined(separator: "/")
            let before = state.assets[id]
            var asset = Asset(
                id: id, title: title ?? "", name: file?.fileName ?? "", sourcePath: sourcePath, isFolder: isFolder, file: file?.content,
                owner: before?.owner ?? owner, added: before?.added ?? Clock.wall, modified: Clock.wall, arrival: Clock.monotonic)
            asset.importStatus = before == nil ? .created : .modified
            state.assets[id] = asset
            guard let before else {
                return asset.uploadData
            }
            return before.data(isConverted: true).adding("parentid", .object(["id": .string(id), "name": .string(before.name)]))
                .adding("previewstatus", ["id": "0", "name": "Unknown"]).adding("importstatus", ["id": "modified", "name": "Modified"])
        }
        return exchange.json(AnswerShapes.record(id: data.string("id"), data: data))
    }

    func asset(_ exchange: Exchange, id: String) -> Response {
        let data = media.state.withLock { state in
            state.assets[id].map { $0.details(isConverted: state.isConverted($0), prefix: media.prefix) }
        }
        guard let data else {
            return exchange.json(AnswerShapes.status("not found"))
        }
        return exchange.json(AnswerShapes.record(id: id, data: data))
    }

    func changeAsset(_ exchange: Exchange, id: String) -> Response {
        let title = exchange.text("assettitle")
        let data = media.state.withLock { state -> JSON? in
            guard var asset = state.assets[id] else { return nil }
            asset.title = title ?? asset.title
            state.assets[id] = asset
            return asset.data(isConverted: state.isConverted(asset))
        }
        return exchange.json(AnswerShapes.record(id: data.map { _ in id }, data: data ?? [:]))
    }

    func deleteAsset(_ exchange: Exchange, id: String) -> Response {
        exchange.json(remove(id) ? AnswerShapes.status("ok", id: id) : AnswerShapes.status("not found", id: "$data.id"))
    }

    func deleteAssets(_ exchange: Exchange) -> Response {
        guard remove(exchange.text("assetid") ?? "") else {
            let path = "/WEB-INF/base/mediadb/services/module/asset/deleteassets.xconf#AssetEditModule.deleteAssets"
            return failure(
                exchange, in: path, of: "java.lang.NullPointerException",
                "Cannot invoke \"org.entermediadb.asset.Asset.getSourcePath()\" because \"asset\" is null")
        }
        return exchange.json("{\n\t\"response\":\n\t\t{\n\t\t    \"status\":\"ok\",\n\t\t\t\"rowsedited\" : \"1\"\n\t\t\t}\n}\n")
    }

    func assetDetails(_ exchange: Exchange) -> Response {
        let id = exchange.text("assetid") ?? ""
        let asset = media.state.withLock { $0.assets[id] }
        guard let asset else {
            return exchange.json("{\n  \"response\":\n      {\n        \"status\": \"notfound\" ,\n        \"id\":\"\"\n      }\n}\n\n\n\n")
        }
        let services = "\(media.prefix)/services/module/asset"
        return exchange.json(
            """
            {
              "response":
                  {
                    "status":"ok" ,
                    "id":"\(id)"
                  }
              ,"data":{\u{20}
            }
            ,
            \t"thumb":"\(exchange.siteRoot)/\(media.application)/catalog/downloads/preview/thumb/\(asset.sourcePath)/thumb.jpg",
            \t"preview":"\(services)/generated/\(asset.sourcePath)/image3000x3000.webp",
            \t"original":"\(exchange.siteRoot)\(services)/downloads/originals/\(asset.filePath)"
            }



            """)
    }

    func searchAssets(_ exchange: Exchange) -> Response {
        guard let search = EnterMediaSearch(exchange) else {
            let path = "/WEB-INF/base/mediadb/services/module/asset/search.xconf#JsonDataModule.handleSearch"
            return failure(
                exchange, in: path, of: "java.lang.NullPointerException",
                "Cannot invoke \"java.util.Collection.iterator()\" because \"queries\" is null")
        }
        let found = media.state.withLock { state in
            let (hits, total) = search.page(of: state.assets, id: \.id) { asset, field in
                switch field {
                case "name": asset.name
                case "assettitle": asset.title
                case "sourcepath": asset.sourcePath
                default: nil
                }
            }
            return (hits: hits.map { $0.details(isConverted: state.isConverted($0), prefix: media.prefix).serialized() }, total: total)
        }
        let terms = search.terms.map { term in
            "\t\t\t\t\t { \"id\":\"\(term.field)\",\"operation\":\"\(term.operation)\"\n,\"value\":\"\(term.value)\"\t\t\t\t\t }\n"
        }
        let friendly = "\t\t\t\t\"friendly\":\"\(search.friendlyText(id: "Id"))\",\n"
        let query = "\(friendly)\t\t\t\t\"terms\":[\n\(terms.joined(separator: ",\n"))\t\t\t\t]\t\n"
        let list = found.hits.isEmpty ? "" : found.hits.joined(separator: "\n, \n") + "\n"
        return exchange.json(search.answer("asset", total: found.total, query: query, results: list))
    }

    private func remove(_ id: String) -> Bool {
        media.state.withLock { state in
            defer { state.assets[id] = nil }
            return state.assets[id] != nil
        }
    }
}
