/// Where a release hosts its build: under a name that nobody can guess, so that a link is all that there is to remember.
///
/// Belongs to the client's loop.
protocol BuildHost {
    /// Throws when nothing could be hosted there, whatever the build is. Nothing is sent.
    func checkUse(removes: Bool) throws(Failure)
    /// The name of a new build's file.
    func makeName(for path: String?) -> String
    /// What the same release goes on from when what it hosts has this name.
    func resumePoint(_ name: String) throws -> String
    /// The name in such a text. Nil: it is not of this host.
    func name(inResumePoint text: String) throws(Failure) -> String?
    /// What answers call what has this name.
    func marks(_ name: String) -> HostedMarks
    /// The link to what has this name, whether it is there or not.
    func link(to name: String) throws -> String
    /// A link to what an earlier run may have made, and whether that run had made the link, too. Nil: there is nothing.
    func earlierLink(_ name: String, _ package: Package) async throws -> (url: String, wasMade: Bool)?
    /// Something is there under this name.
    func holds(_ name: String) async throws -> Bool
    /// Sends the file and makes a link to it.
    func host(_ package: Package, as name: String) async throws -> String
    /// Whether a link that is not of a resume point's form could be to something that this host has: judged by its form only.
    func mayHold(_ link: String) -> Bool
    /// The name of what a build was registered from, when it is this host's. Nil: the link is somebody else's.
    func name(toRemove link: String) async throws -> String?
    /// Removes what has this name. That it is gone is as good.
    func remove(_ name: String) async throws
}

/// What a hosted build is called where it is.
struct HostedMarks {
    var assetID: String?
    var distributionID: String?
    var key: String?
}
