/// Many assets to publish.
package struct ManyCreations: Sendable {
    package var assetIDs: [String?] = []
    /// Empty, or one for each asset.
    package var distributionIDs: [String?] = []
    package var allowsOriginal = false
    package var skipsVerification = false
    /// Zero is the default.
    package var maxParallel: UInt32 = 0
    /// Called on the delivering thread, once for each.
    package var onItem: (@Sendable (_ index: Int, Outcome) -> Void)?

    package init() {}

    func creation(_ index: Int) -> EnterMedia.Creation {
        var creation = EnterMedia.Creation()
        creation.assetID = assetIDs[index]
        creation.distributionID = distributionIDs.isEmpty ? nil : distributionIDs[index]
        if creation.distributionID == nil { creation.spareID = UUID.make() }
        creation.allowsOriginal = allowsOriginal
        creation.skipsVerification = skipsVerification
        return creation
    }
}
