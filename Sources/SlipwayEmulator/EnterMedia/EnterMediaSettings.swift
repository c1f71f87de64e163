/// How the emulated EnterMediaDB behaves where installations differ. All of it can be changed while it runs.
package struct EnterMediaSettings: Sendable, Equatable {
    /// Which sources the server was built from.
    package enum Generation: String, Sendable, CaseIterable {
        /// Takes the key as cookie and as header; who may not is sent to a page (302).
        case current
        /// No longer takes the cookie `entermedia.key`; who may not gets 403 and nothing else; a login's key is at the top level.
        case newer
    }

    /// What a successful create says.
    package enum Shape: String, Sendable, CaseIterable {
        /// `assetid`, `originalUrl`, `presets`.
        case current
        /// `data` and `urls`, as in the vendor's guide.
        case documented
    }

    package var generation = Generation.current
    package var shape = Shape.current
    /// Milliseconds after an upload until its renditions are there.
    package var conversionTime = 500
    /// Every answer is a page in HTML, as it is while a server starts.
    package var isStarting = false
    /// What answers http with a redirect to https: 301, 302, 307 or 308; 0: nothing does.
    package var redirectStatus = 0
    /// Scheme and host of all returned URLs; empty: the request's.
    package var cdnPrefix = ""

    package init() {}
}

extension EnterMediaSettings {
    static let redirects = [0, 301, 302, 307, 308]
}
