internal import SlipwayJSON

extension JSON {
    /// The value itself, for who goes on with what is in it. Throws when it is lost. `what` was being done.
    func whole(_ what: String) throws(Failure) -> JSON {
        guard !isLost else { throw Failure(.memory, what) }
        return self
    }
}
