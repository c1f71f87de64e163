/// A public link to an asset. A junk record, which every malformed create leaves behind, has no asset.
struct Distribution: Sendable {
    let id: String
    /// Nil if none was said; it need not exist.
    var assetID: String?
    /// The asset's own file may be fetched, too.
    var allowsOriginal: Bool
}

/// The public addresses of one distribution.
struct DistributionLinks: Sendable {
    /// Of the asset's own file; those of the renditions follow behind a slash.
    let original: String
}
