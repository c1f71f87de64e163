package import SlipwayHTTP

extension URL {
    /// Nil when it is not one. Throws when there is no memory to find that out.
    package init?(_ text: String) throws(Failure) {
        do throws(Shortage) { try self.init(parsing: text) } catch { throw Failure(error, "reading a URL") }
    }
}
