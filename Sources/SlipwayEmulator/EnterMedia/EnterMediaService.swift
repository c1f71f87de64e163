import SlipwayJSON

/// EnterMediaDB's endpoints. Which ones there are and who may use them is here; what they do is in the extensions.
struct EnterMediaService: Sendable {
    let media: EnterMedia

    init(media: EnterMedia) {
        self.media = media
    }

    /// All that is below the base URL, and what a server answers that has its application elsewhere.
    var routes: [Route] {
        ["GET", "POST", "PUT", "DELETE", "OPTIONS"].flatMap { method in
            [
                Route(method, media.prefix + "/{path...}") { request, captures in answer(request, path: captures["path"]) },
                Route(method, "/mediadb/services/{path...}") { request, _ in
                    var exchange = Exchange(request, path: [], media: media)
                    exchange.visitor = .stranger
                    return exchange.failure(details: "Catalog id is not set for application. Add catalogid to .xconfs")
                },
                Route(method, "/{site}/mediadb/services/{path...}") { request, _ in
                    Exchange(request, path: [], media: media).noEndpoint(isKnownSite: false)
                },
            ]
        } + [
            Route("GET", "/") { request, _ in
                Exchange(request, path: [], media: media).notFound("/themes/baseem/layouts/layout.html", isPage: true)
            }
        ]
    }

    /// What can be asked for.
    enum Endpoint {
        case login, key, logout, noAccess
        case create, edit, delete, search
        case published
        case record(id: String)
        case setting(id: String)
        case assetCreate, assetSearch, assetDetails, assetsDelete
        case asset(id: String)
        case hello

        /// `path` is what stands behind `services/`.
        init?(_ path: [String]) {
            func named(_ number: Int) -> String {
                let part = path.dropFirst(number).first ?? ""
                return part.hasSuffix(".json") ? String(part.dropLast(".json".count)) : part
            }
            let last = path.count == 4 ? path.last ?? "" : ""
            switch (named(0), named(1), named(2)) {
            case ("authentication", "login", ""): self = .login
            case ("authentication", "getkey", ""): self = .key
            case ("authentication", "logout", ""): self = .logout
            case ("authentication", "noaccess", ""): self = .noAccess
            case ("distribution", "published", _): self = .published
            case ("distribution", "create", _) where path.count <= 3: self = .create
            case ("distribution", "edit", _) where path.count <= 3: self = .edit
            case ("distribution", "delete", _) where path.count <= 3: self = .delete
            case ("distribution", "search", _) where path.count <= 3: self = .search
            case ("module", "asset", "create") where path.count == 3: self = .assetCreate
            case ("module", "asset", "search") where path.count == 3: self = .assetSearch
            case ("module", "asset", "assetdetails") where path.count == 3: self = .assetDetails
            case ("module", "asset", "deleteassets") where path.count == 3: self = .assetsDelete
            case ("module", "asset", "data") where !last.isEmpty: self = .asset(id: last)
            case ("lists", "data", "distribution") where !last.isEmpty: self = .record(id: last)
            case ("lists", "data", "catalogsettings") where !last.isEmpty: self = .setting(id: last)
            case ("test", "helloworld", ""): self = .hello
            default: return nil
            }
        }
    }

    private func answer(_ request: Request, path: String) -> Response {
        let settings = media.state.withLock(\.settings)
        if settings.redirectStatus != 0, !request.isSecure, let port = media.tlsPort {
            return redirect(request, status: settings.redirectStatus, port: port)
        }
        if settings.isStarting {
            return .text(200, ErrorPages.starting, type: "text/html;charset=UTF-8")
        }
        guard !path.lowercased().contains("%2f") else {
            var response = Exchange.page(400, ErrorPages.tomcat(400, "Bad Request", message: "Invalid URI: noSlash"))
            response.headers.append(("Connection", "close"))
            return response
        }
        let parts = path.split(separator: "/").map { PercentEncoding.decoded($0) }
        guard parts.first == "services", let endpoint = Endpoint(Array(parts.dropFirst())) else {
            return Exchange(request, path: [], media: media).noEndpoint(isKnownSite: true)
        }
        let exchange = Exchange(request, path: Array(parts.dropFirst()), media: media)
        return request.method == "OPTIONS" ? exchange.json("") : answer(exchange, endpoint)
    }

    private func answer(_ exchange: Exchange, _ endpoint: Endpoint) -> Response {
        switch endpoint {
        case .login: return login(exchange)
        case .key: return getKey(exchange)
        case .logout: return logout(exchange)
        case .noAccess: return exchange.json(AnswerShapes.noAccess)
        case .published: return published(exchange)
        default: break
        }
        guard exchange.visitor.mayUseAPI else {
            return exchange.noAccess()
        }
        switch (exchange.request.method, endpoint) {
        case (_, .hello): return exchange.json(AnswerShapes.hello)
        case ("POST", .create): return createDistribution(exchange)
        case (_, .create): return exchange.json(AnswerShapes.invalidRequest)
        case ("PUT", .edit): return editDistribution(exchange)
        case ("GET", .edit), ("HEAD", .edit): return distribution(exchange, id: exchange.path.dropFirst(2).first ?? "")
        case ("DELETE", .delete): return deleteDistribution(exchange)
        case ("GET", .delete), ("HEAD", .delete): return exchange.json(AnswerShapes.record(id: nil, data: [:]))
        case ("DELETE", .record(let id)): return deleteDistribution(exchange, id: id)
        case ("GET", .record(let id)), ("HEAD", .record(let id)): return distribution(exchange, id: id)
        case ("DELETE", .setting(let id)): return deleteSetting(exchange, id: id)
        case (_, .search): return searchDistributions(exchange)
        case ("POST", .assetCreate): return createAsset(exchange)
        case ("POST", .assetSearch): return searchAssets(exchange)
        case ("POST", .assetDetails): return assetDetails(exchange)
        case ("POST", .assetsDelete): return deleteAssets(exchange)
        case ("PUT", .asset(let id)): return changeAsset(exchange, id: id)
        case ("DELETE", .asset(let id)): return deleteAsset(exchange, id: id)
        case ("GET", .asset(let id)), ("HEAD", .asset(let id)): return asset(exchange, id: id)
        // A method that an endpoint does not have is refused like a stranger.
        default: return exchange.noAccess()
        }
    }

    /// As the proxies in front of the vendor's servers do it.
    private func redirect(_ request: Request, status: Int, port: UInt16) -> Response {
        let host = request.header("Host") ?? "127.0.0.1"
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        return Response(
            status: status, headers: [("Location", "https://\(name):\(port)\(request.target)")], body: .bytes([]))
    }
}
