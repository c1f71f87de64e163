internal import SlipwayHTTP
internal import SlipwayJSON

/// A public link to an asset, in one form from all shapes in which servers tell of it.
struct Distribution {
    let id: String
    var assetID: String?
    var allowsOriginal: Bool?
    /// What its links begin with. Ends in a slash; no link itself.
    var baseURL: String?
    /// The link to the asset's own file. Nil when that is not allowed.
    var originalURL: String?
    /// By the renditions' names, in the order of the server.
    var links: [(preset: String, url: String)] = []
    /// The asset was there before, and a link answered after.
    var isVerified: Bool?

    init(id: String) { self.id = id }

    /// From the answer to a create: the documented shape has `data` and `urls`, the current one `assetid` and `presets` on top.
    init?(created json: JSON, allowsOriginal: Bool) {
        guard let id = json["response"]?.text("id") ?? json["data"]?.text("id") else { return nil }
        self.id = id
        self.allowsOriginal = allowsOriginal
        assetID = json.text("assetid") ?? Self.assetID(in: json["data"])
        if let urls = json["urls"], urls.kind == .object {
            baseURL = urls.text("baseurl")
            links = urls.members.compactMap { name, url in
                guard name != "baseurl", let url = url.string, !url.isEmpty else { return nil }
                return (name, url)
            }
            // This shape does not name the link to the original: it is what the others begin with, without the slash.
            if allowsOriginal, let baseURL, baseURL.hasSuffix("/") { originalURL = String(baseURL.dropLast()) }
        } else {
            read(presets: json)
        }
    }

    /// From a search's result.
    init?(found json: JSON) {
        guard let id = json.text("id") else { return nil }
        self.id = id
        assetID = json.text("assetId") ?? json.text("assetid") ?? Self.assetID(in: json)
        allowsOriginal = Self.flag(json, "allowOrigin") ?? Self.flag(json, "alloworiginal")
        read(presets: json)
    }

    /// From the record that a read or an edit answers with, which has no links.
    init?(record json: JSON) {
        guard let data = json["data"], let id = data.text("id") else { return nil }
        self.id = id
        assetID = Self.assetID(in: data)
        allowsOriginal = Self.flag(data, "alloworiginal")
    }

    private mutating func read(presets json: JSON) {
        originalURL = json.text("originalUrl")
        links = (json["presets"]?.elements ?? []).compactMap { preset in
            guard let name = preset.text("id"), let url = preset.text("url") else { return nil }
            return (name, url)
        }
        if let originalURL {
            baseURL = originalURL + "/"
        } else if let (preset, url) = links.first, url.hasSuffix("/" + preset) {
            baseURL = String(url.dropLast(preset.count))
        }
    }

    private static func assetID(in data: JSON?) -> String? { data?["assetid"]?.text("id") ?? data?.text("assetid") }

    /// The server's records hold texts.
    private static func flag(_ json: JSON, _ member: String) -> Bool? {
        json.bool(member) ?? json.text(member).flatMap { ["true": true, "false": false][$0.lowercased()] }
    }

    /// A link to look at: the original, or the rendition that is likeliest to be there.
    var firstLink: PublishedLink? {
        if let originalURL { return PublishedLink(url: originalURL, isImage: false) }
        let link = links.first { $0.preset == "largeimage" } ?? links.first
        return link.map { PublishedLink(url: $0.url, isImage: PublishedLink.isImage($0.preset)) }
    }

    func normalForm(raw: JSON) -> JSON {
        .object([
            "id": .string(id), "assetId": .text(assetID), "allowOriginal": .bool(allowsOriginal), "baseUrl": .text(baseURL),
            "originalUrl": .text(originalURL), "links": .object(links.map { ($0.preset, .string($0.url)) }),
            "verified": .bool(isVerified), "raw": raw,
        ])
    }
}
