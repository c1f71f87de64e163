import SlipwayJSON

extension Settings {
    /// All settings, by the names that admin requests use.
    var document: JSON {
        .object([
            "documents": .string(documents.rawValue),
            "rateWindowMs": .integer(rateWindow),
            "rateLimitText": .string(rateLimitText.rawValue),
            "retryAfter": .bool(retryAfter),
            "stateMs": .integer(stateTime),
            "order": .string(order.rawValue),
            "uploadStatus": .integer(uploadStatus),
            "fileUrlRule": .string(fileURLRule.rawValue),
            "maximumBuildBytes": .integer(maximumBuildSize),
            "distributionObjection": .string(distributionObjection),
            "webhookTimeoutMs": .integer(webhookTimeout),
            "loseWebhooks": .array(lostWebhooks.map { .string($0) }),
            "doubleWebhooks": .array(doubledWebhooks.map { .string($0) }),
            "swapWebhooks": .bool(swapsWebhooks),
        ])
    }

    /// Changes the settings that an admin request names.
    mutating func apply(_ form: AdminForm) throws(AdminForm.Refusal) {
        let day = 86_400_000
        documents = try form.choice("documents", Documents.self) ?? documents
        rateWindow = try form.integer("rateWindowMs", 0...day) ?? rateWindow
        rateLimitText = try form.choice("rateLimitText", RateLimitText.self) ?? rateLimitText
        retryAfter = try form.flag("retryAfter") ?? retryAfter
        stateTime = try form.integer("stateMs", 0...day) ?? stateTime
        order = try form.choice("order", Order.self) ?? order
        uploadStatus = try form.integer("uploadStatus", 200...201) ?? uploadStatus
        fileURLRule = try form.choice("fileUrlRule", FileURLRule.self) ?? fileURLRule
        maximumBuildSize = try form.integer("maximumBuildBytes", 0...Int.max) ?? maximumBuildSize
        distributionObjection = try form.string("distributionObjection") ?? distributionObjection
        webhookTimeout = try form.integer("webhookTimeoutMs", 1...day) ?? webhookTimeout
        lostWebhooks = try form.strings("loseWebhooks") ?? lostWebhooks
        doubledWebhooks = try form.strings("doubleWebhooks") ?? doubledWebhooks
        swapsWebhooks = try form.flag("swapWebhooks") ?? swapsWebhooks
        try form.finish()
    }
}
