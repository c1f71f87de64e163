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
            guard var before else {
                return Self.uploaded(asset)
            }
            before.importStatus = .modified
            return Self.data(before, isConverted: false).adding("parentid", .object(["id": .string(id), "name": .string(before.name)]))
        }
        return exchange.json(AnswerShapes.record(id: data.string("id"), data: data))
    }

    func asset(_ exchange: Exchange, id: String) -> Response {
        let data = media.state.withLock { state in state.assets[id].map { Self.data($0, isConverted: state.isConverted($0)) } }
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
            return Self.data(asset, isConverted: state.isConverted(asset))
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
        let place = asset.isFolder ? "\(asset.sourcePath)/\(asset.name)" : asset.sourcePath
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
            \t"preview":"\(services)/generated/\(asset.sourcePath)/image3000x3000.webp",
            \t"original":"\(exchange.siteRoot)\(services)/downloads/originals/\(place)"
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
            return (hits: hits.map { Self.data($0, isConverted: state.isConverted($0)).serialized() }, total: total)
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

    // What is known about an asset

    /// Numbers and flags are strings.
    static func data(_ asset: Asset, isConverted: Bool) -> JSON {
        let hasPreview = isConverted && !asset.renditions.isEmpty
        let status = isConverted ? Asset.ImportStatus.complete : asset.importStatus
        return .object([
            "assetexpired": "false",
            "assettitle": asset.title.isEmpty ? nil : .string(asset.title),
            "duplicate": "false",
            "editstatus": ["id": "1", "name": "Pending"],
            "fileformat": fileFormat(asset),
            "name": asset.name.isEmpty ? nil : .string(asset.name),
            "filesize": asset.file.map { .string(String($0.size)) },
            "isfolder": .string(String(asset.isFolder)),
            "id": .string(asset.id),
            "importstatus": ["id": .string(status.rawValue), "name": .string(status.name)],
            "islocked": "false",
            "owner": ["id": .string(asset.owner)],
            "previewstatus": hasPreview ? ["id": "2", "name": "Conversions Complete"] : ["id": "0", "name": "Unknown"],
            "primaryfile": asset.isFolder && !asset.name.isEmpty ? .string(asset.name) : nil,
            "sourcepath": .string(asset.sourcePath),
            "assetmodificationdate": .string(Clock.text(wall: asset.modified)),
            "assetaddeddate": .string(Clock.text(wall: asset.added)),
            "mediarendertype": asset.isImage ? "image" : nil,
        ])
    }

    /// Right after an upload: less is known then.
    private static func uploaded(_ asset: Asset) -> JSON {
        .object([
            "assettitle": asset.title.isEmpty ? nil : .string(asset.title),
            "editstatus": asset.file.map { _ in ["id": "1", "name": "Pending"] },
            "fileformat": fileFormat(asset),
            "name": asset.name.isEmpty ? nil : .string(asset.name),
            "isfolder": .string(String(asset.isFolder)),
            "category-exact": [],
            "id": .string(asset.id),
            "importstatus": asset.file.map { _ in ["id": "created", "name": "Created"] },
            "islocked": "false",
            "owner": asset.file.map { _ in ["id": .string(asset.owner)] },
            "previewstatus": asset.file.map { _ in ["id": "0", "name": "Unknown"] },
            "primaryfile": asset.isFolder && !asset.name.isEmpty ? .string(asset.name) : nil,
            "sourcepath": .string(asset.sourcePath),
            "assetaddeddate": .string(Clock.text(wall: asset.added)),
        ])
    }

    private static func fileFormat(_ asset: Asset) -> JSON? {
        let name = asset.ending == "txt" ? "TEXT" : asset.ending.uppercased()
        return name.isEmpty ? nil : ["id": .string(asset.ending), "name": .string(name)]
    }
}
