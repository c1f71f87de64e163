internal import SlipwayJSON

extension JSON.ParseError {
    /// Throws when nothing is known of the text because there was no memory to read it: then it is not to blame. `what` was being done.
    func throwIfOutOfMemory(_ what: String, httpStatus: Int = 0) throws(Failure) {
        if isOutOfMemory { throw Failure(.memory, what, httpStatus: httpStatus) }
    }
}

extension JSON {
    /// The value itself, for who goes on with what is in it. Throws when it is lost. `what` was being done.
    func whole(_ what: String) throws(Failure) -> JSON {
        guard !isLost else { throw Failure(.memory, what) }
        return self
    }
}
