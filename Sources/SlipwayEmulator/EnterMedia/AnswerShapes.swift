import SlipwayJSON

/// The texts of EnterMedia's answers. The server makes them from templates that escape nothing, so an id with a quote in it makes JSON
/// that nobody can read, and a name that has no value stays as it stands in the template. Both is so here.
enum AnswerShapes {
    // Logging in

    static func login(_ user: EnterMediaUser, isStatusSaid: Bool, generation: EnterMediaSettings.Generation) -> String {
        let status = isStatusSaid ? "\t\t\"status\":\"ok\",\t\t\n\t\t\"user\":\"\(user.id)\"\n" : ""
        let key = "\"entermediakey\": \"\(user.key)\","
        let (outer, inner) = generation == .newer ? ("\t\(key)\n", "") : ("", "\t\t\(key)\n")
        return """
            {
            \(outer)\t"response":
            \t{
            \(status)\t},
            \t"results":\u{20}
            \t{\u{20}
            \t\t"id" : "\(user.id)",
            \t\t"userid" : "\(user.id)",\u{20}
            \(inner)\t\t"firstname": "\(user.id)",
            \t\t"lastname" : "User",
            \t\t"email" : "\(user.email)",
            \t\t"screenname" : "\(user.id)"
            \t}
            }
            """
    }

    static func invalidLogin(hasStatus: Bool) -> String {
        let status = hasStatus ? "\t\t\t\t\"status\":\"error\"\n" : ""
        return "{\n\t\"response\":\n\t{\n\(status)\t},\n\t\"results\": \n\t{ \n\t\t \"status\": \"invalidlogin\"\t\t\n\t}\n}\n"
    }

    static func key(of user: EnterMediaUser?) -> String {
        let id = user?.id ?? "${user.id}"
        let result = user.map { "\"entermediakey\": \"\($0.key)\"" } ?? "\"status\": \"invalidlogin\""
        let response = "\t{\n\t        \"status\":\"ok\",\n\t\t\t\"user\":\"\(id)\"\n\t},\n"
        return "{\n\t\"response\":\n\(response)\t\"results\": \n\t{ \n\t\t \(result)\n\t}\n}\n"
    }

    static let logout = "{\n\t\"response\": \n\t{ \n\t\t\"status\":\"logout\"\n\t}\n}\n"

    static let noAccess = """
        {
        \t"errorcode":"403",
        \t"response":\u{20}
        \t{\u{20}
        \t\t"status":"error",
        \t\t"details":"No view permissions for action"
        \t}
        }

        """

    static let hello = "{\n\t\"response\":\n\t{\n\t    \"status\":\"ok\",\n\t    \"message\": \"Hello World !\"\n\t}\n}\n"

    // Records

    /// A status and nothing else.
    static func status(_ status: String) -> String {
        "{\n  \"response\":\n      {\n        \"status\":\"\(status)\"\n      }\n}\n"
    }

    /// A status and an id.
    static func status(_ status: String, id: String) -> String {
        "{\n  \"response\":\n      {\n        \"status\":\"\(status)\",\n         \"id\":\"\(id)\"\n      }\n}\n"
    }

    /// A record. Without one the template's text takes the place of the id.
    static func record(id: String?, data: JSON) -> String {
        let status = id == nil ? "not found" : "ok"
        let response = "      {\n        \"status\":\"\(status)\",\n        \"id\":\"\(id ?? "$data.id")\"\n      }\n  ,\n  \n"
        return "{\n  \"response\":\n\(response)  \"data\":\(data.serialized())\n\n}  \n\n"
    }

    // Distributions

    /// `links` are the URLs that a create speaks of.
    static func created(_ distribution: Distribution, asset: Asset?, links: DistributionLinks) -> String {
        let head = "{\n  \"response\":\n      {\n        \"id\":\"\(distribution.id)\",\n        \"status\" : \"ok\"\n      }\n"
        guard let assetID = distribution.assetID else {
            return blankLines + head + "    \n  \n}\n\n"
        }
        let original = distribution.allowsOriginal ? "\t\t\"originalUrl\": \"\(links.original)\",\n" : ""
        let presets = presets(asset, links: links, indent: "\t")
        let asset = "    \n\t  ,\n\t  \"assetid\":\"\(assetID)\",\t  \n"
        return blankLines + head + asset + original + "\t  \"presets\": [\n\(presets)\t  ]\n\t  \n  \n}\n\n"
    }

    /// As in the vendor's guide: the links are there also when nothing is behind them.
    static func createdAsDocumented(_ distribution: Distribution, data: JSON, links: DistributionLinks) -> String {
        """
        {
          "response":
              {
                "id":"\(distribution.id)",
                "status" : "ok"
              }
        \t  ,
        \t  "data":\(data.serialized())

        \t  ,
        \t  "urls": {
        \t  \t"baseurl": "\(links.original)/",
        \t  \t"largeimage": "\(links.original)/largeimage"
        \t  }
         \u{20}
        }


        """
    }

    static let invalidRequest = blankLines + "  {\n  \t\"error\":\"Invalid request\"\n  }\n\n"

    /// A distribution among the results of a search.
    static func hit(_ distribution: Distribution, asset: Asset?, links: DistributionLinks) -> String {
        let original = distribution.allowsOriginal ? "\t\t\t    \"originalUrl\": \"\(links.original)\",\n" : ""
        return """
            \t\t\t\t\t\t{
            \t\t\t    "id":"\(distribution.id)",
            \t\t\t    "assetId": "\(distribution.assetID ?? "$hit.assetid")",
            \t\t\t    "allowOrigin": "\(distribution.allowsOriginal)",
            \(original)\t\t\t    "presets": [
            \(presets(asset, links: links, indent: "\t\t\t"))\t\t\t  \t]
            \t\t\t}

            """
    }

    /// What a create and a search begin with.
    private static let blankLines = "\n\n\n\n"

    private static func presets(_ asset: Asset?, links: DistributionLinks, indent: String) -> String {
        let presets = (asset?.renditions ?? []).map { rendition in
            """
            \(indent)\t  {\t
            \(indent)\t\t"name":"\(rendition.title)",\t
            \(indent)\t\t"id":"\(rendition)",\t
            \(indent)\t\t"url": "\(links.original)/\(rendition)"
            \(indent)\t  }

            """
        }
        return presets.isEmpty ? "" : "\n" + presets.joined(separator: ", \n")
    }

    // Errors

    /// `path` is not escaped, which makes some of these no JSON at all. The misspelling is the server's.
    static func failure(path: String, details: String) -> String {
        let escaped = JSON.string(details).serialized().split(separator: "/", omittingEmptySubsequences: false).joined(separator: "\\/")
        return "{ \"reponse\": {\n \"status\":\"error\",\"path\":\"\(path)\",\"details\":\(escaped) \n}\n}\n"
    }
}
