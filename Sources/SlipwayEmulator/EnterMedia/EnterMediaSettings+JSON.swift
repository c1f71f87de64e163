import SlipwayJSON

extension EnterMediaSettings {
    /// All settings, by the names that admin requests use.
    var document: JSON {
        .object([
            "generation": .string(generation.rawValue),
            "shape": .string(shape.rawValue),
            "conversionMs": .integer(conversionTime),
            "starting": .bool(isStarting),
            "redirectStatus": .integer(redirectStatus),
            "cdnPrefix": .string(cdnPrefix),
        ])
    }

    /// Changes the settings that an admin request names. `hasTLS`: there is something to redirect to.
    mutating func apply(_ form: AdminForm, hasTLS: Bool) throws(AdminForm.Refusal) {
        generation = try form.choice("generation", Generation.self) ?? generation
        shape = try form.choice("shape", Shape.self) ?? shape
        conversionTime = try form.integer("conversionMs", 0...86_400_000) ?? conversionTime
        isStarting = try form.flag("starting") ?? isStarting
        redirectStatus = try form.integer("redirectStatus", 0...308) ?? redirectStatus
        cdnPrefix = try form.string("cdnPrefix") ?? cdnPrefix
        try form.finish()
        guard Self.redirects.contains(redirectStatus) else {
            throw AdminForm.Refusal("redirectStatus must be 301, 302, 307, 308, or 0 for none")
        }
        guard redirectStatus == 0 || hasTLS else {
            throw AdminForm.Refusal(409, "redirectStatus: there is no TLS to redirect to; start with --tls-cert and --tls-key")
        }
        guard cdnPrefix.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else {
            throw AdminForm.Refusal("cdnPrefix must be the beginning of a URL, as in https://cdn.example.com")
        }
    }
}
