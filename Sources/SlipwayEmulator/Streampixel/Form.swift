import SlipwayJSON

/// The JSON body of a Streampixel POST.
struct Form {
    private let document: JSON

    /// apiKey and userId are always required; the first member that is missing is named.
    init(_ request: Request, required: [String]) throws(StreampixelService.Refusal) {
        let type = (request.header("Content-Type") ?? "").lowercased()
        guard type.hasPrefix("application/json") else {
            throw StreampixelService.Refusal(400, "The Content-Type must be application/json")
        }
        guard let document = try? JSON(parsing: request.body), document.kind == .object else {
            throw StreampixelService.Refusal(400, "The body must be a JSON object")
        }
        for name in ["apiKey", "userId"] + required {
            guard let value = document[name], !value.isNull, value.string?.isEmpty != true else {
                throw StreampixelService.Refusal(400, "Missing required field: \(name)")
            }
            guard value.string != nil else {
                throw StreampixelService.Refusal(400, "\(name) must be a string")
            }
        }
        self.document = document
    }

    /// A member that is required.
    subscript(name: String) -> String {
        document.string(name) ?? ""
    }

    func flag(_ name: String, default value: Bool) throws(StreampixelService.Refusal) -> Bool {
        guard let member = document[name], !member.isNull else { return value }
        guard let flag = member.bool else {
            throw StreampixelService.Refusal(400, "\(name) must be true or false")
        }
        return flag
    }
}
