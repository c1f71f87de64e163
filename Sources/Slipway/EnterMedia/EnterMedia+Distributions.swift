internal import SlipwayHTTP
package import SlipwayJSON

extension EnterMedia {
    /// A distribution to make.
    package struct Creation: Sendable {
        package var assetID: String?
        package var distributionID: String?
        /// Taken when there is no other. Nil: one is made.
        var spareID: String?
        package var allowsOriginal = false
        package var skipsVerification = false

        package init() {}
    }

    private static let createPath = "distribution/create/create"
    private static let editPath = "distribution/edit/edit"

    /// Publishes an asset. What the server says of it is believed when the asset was found before and a link answered after.
    package func create(_ creation: Creation, _ operation: Operation, _ delivery: Delivery) async throws -> JSON {
        let context = Context(operation: operation, delivery: delivery)
        let (distribution, raw) = try await create(creation, context)
        return distribution.normalForm(raw: raw)
    }

    func create(_ creation: Creation, _ context: Context) async throws -> (distribution: Distribution, raw: JSON) {
        let assetID = try Identifier.check(creation.assetID, "asset_id")
        let id = try Identifier.check(creation.distributionID ?? creation.spareID ?? UUID.make(), "distribution_id")
        if !creation.skipsVerification { try await requireAsset(assetID, context) }
        let answer = try await sendCreation(id, assetID, creation.allowsOriginal, context)
        var (distribution, raw) = try Self.distribution(in: answer, id, creation.allowsOriginal)
        guard !creation.skipsVerification else {
            guard distribution.firstLink != nil else { throw Self.hasNoLink(distribution) }
            return (distribution, raw)
        }
        do {
            try await verify(distribution, context)
        } catch {
            // With an id of ours nobody knows of the distribution, or wants it without a link: it goes again, if the server is willing.
            if creation.distributionID == nil { _ = try? await remove(Self.deletePath(id), context) }
            throw error
        }
        distribution.isVerified = true
        return (distribution, raw)
    }

    /// Throws when the distribution has no link that works.
    private func verify(_ distribution: Distribution, _ context: Context) async throws {
        guard let link = distribution.firstLink else { throw Self.hasNoLink(distribution) }
        do {
            try await link.verify(http, settings.retry, context)
        } catch let failure as Failure where failure.httpStatus == 404 && link.isImage {
            // The documented shape names a link to a rendition that is not there as well.
            throw Self.hasNoLink(distribution, httpStatus: 404)
        }
    }

    /// The request alone. The same id again overwrites: it may be repeated.
    func sendCreation(_ id: String, _ assetID: String, _ allowsOriginal: Bool, _ context: Context) async throws -> Answer {
        context.report(Progress(.requesting, "making the distribution"), on: loop)
        return try await post(Self.createPath, Self.body(id, assetID, allowsOriginal), context)
    }

    /// What the answer to it says. Checks that it is about what was asked for, and decodes nothing else.
    static func distribution(in answer: Answer, _ id: String, _ allowsOriginal: Bool) throws(Failure) -> (
        distribution: Distribution, raw: JSON
    ) {
        let document = try answer.decoded()
        try document.requireOK()
        let distribution = try document.require(Distribution(created: document.json, allowsOriginal: allowsOriginal), "id")
        guard distribution.id == id else {
            throw answer.malformed("is about the distribution \(distribution.id.prefix(200)) instead of \(id)")
        }
        return (distribution, document.json)
    }

    static func hasNoLink(_ distribution: Distribution, httpStatus: Int = 0) -> Failure {
        Failure(
            .notReady,
            "the asset \(distribution.assetID ?? "") has no renditions, and the original is not allowed: the distribution has no link that works",
            hint: "Allow the original (allow_original), or wait until EnterMediaDB has converted the asset. A .zip has no renditions.",
            httpStatus: httpStatus, isRetriable: true, answer: distribution.normalForm(raw: .null))
    }

    private static func body(_ id: String, _ assetID: String, _ allowsOriginal: Bool?) -> [UInt8] {
        // Ids have been checked: they stand in JSON as they are.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(64 + assetID.utf8.count + id.utf8.count)
        bytes += "{\"assetid\":\"".utf8
        bytes += assetID.utf8
        bytes += "\",\"id\":\"".utf8
        bytes += id.utf8
        switch allowsOriginal {
        case true?: bytes += "\",\"alloworiginal\":true}".utf8
        case false?: bytes += "\",\"alloworiginal\":false}".utf8
        case nil: bytes += "\"}".utf8
        }
        return bytes
    }

    // MARK: Those that are there

    /// A change to a distribution.
    package struct Edit: Sendable {
        package enum Original: Int32, Sendable { case unchanged = 0, allowed = 1, denied = 2 }

        package var distributionID: String?
        package var assetID: String?
        package var original = Original.unchanged
        package var skipsVerification = false

        package init() {}
    }

    /// Points a distribution at another asset. The server would make one that is not there: it is read before.
    package func edit(_ edit: Edit, _ operation: Operation, _ delivery: Delivery) async throws -> JSON {
        let context = Context(operation: operation, delivery: delivery)
        let id = try Identifier.check(edit.distributionID, "distribution_id")
        let newAsset: String? = if let asset = edit.assetID { try Identifier.check(asset, "asset_id") } else { nil }
        guard let (old, document) = try await record(id, context) else { throw Self.noDistribution(id) }
        let assetID = try document.require(newAsset ?? old.assetID, "assetid")
        if !edit.skipsVerification { try await requireAsset(assetID, context) }
        let allowsOriginal = edit.original == .unchanged ? old.allowsOriginal : edit.original == .allowed

        context.report(Progress(.requesting, "changing the distribution"), on: loop)
        let answer = try await put(Self.editPath, Self.body(id, assetID, allowsOriginal), context).decoded()
        try answer.requireOK()
        var distribution = try await found(id, context) ?? Distribution(id: id)
        distribution.assetID = assetID
        distribution.allowsOriginal = allowsOriginal ?? distribution.allowsOriginal
        if allowsOriginal == false { distribution.originalURL = nil }
        if !edit.skipsVerification, let link = distribution.firstLink {
            try await link.verify(http, settings.retry, context)
            distribution.isVerified = true
        }
        return distribution.normalForm(raw: answer.json)
    }

    /// Reads a distribution: whether it is there from its record, its links from the search, since the record has none.
    package func distribution(_ distributionID: String?, _ operation: Operation, _ delivery: Delivery) async throws -> JSON {
        let context = Context(operation: operation, delivery: delivery)
        let id = try Identifier.check(distributionID, "distribution_id")
        let (distribution, document) = try await read(id, context)
        return distribution.normalForm(raw: document.json)
    }

    func read(_ id: String, _ context: Context) async throws -> (Distribution, Document) {
        guard let (record, document) = try await record(id, context) else { throw Self.noDistribution(id) }
        var distribution = try await found(id, context) ?? record
        distribution.assetID = record.assetID ?? distribution.assetID
        distribution.allowsOriginal = record.allowsOriginal ?? distribution.allowsOriginal
        return (distribution, document)
    }

    /// Nil when there is none.
    func record(_ id: String, _ context: Context) async throws -> (Distribution, Document)? {
        let document = try await get("distribution/edit/\(id)", context).decoded()
        guard !document.isNotFound else { return nil }
        try document.requireOK()
        return (try document.require(Distribution(record: document.json), "data"), document)
    }

    /// Removes a distribution, and looks whether a link of it lives on in the server's cache.
    package func deleteDistribution(_ distributionID: String?, _ operation: Operation, _ delivery: Delivery) async throws -> JSON {
        let context = Context(operation: operation, delivery: delivery)
        let id = try Identifier.check(distributionID, "distribution_id")
        let link = try await read(id, context).0.firstLink
        let document = try await remove(Self.deletePath(id), context)
        // It is gone, whatever becomes of this.
        let isCached: Bool? = if let link { try await link.isAlive(http, context) } else { nil }
        return .object(["id": .string(id), "deleted": true, "cached": .bool(isCached), "raw": document.json])
    }

    static func deletePath(_ id: String) -> String { "distribution/delete/\(id)" }

    static func noDistribution(_ id: String) -> Failure {
        Failure(
            .notFound, "EnterMediaDB has no distribution \(id)",
            hint: "Check the id: slipway_entermedia_distribution_search lists what is there.")
    }
}
