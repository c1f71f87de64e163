internal import CCurl

extension Response {
    /// When the server says that it answered, in seconds since 1970: what its clock shows.
    package var date: Int64? {
        guard let text = header("date") else { return nil }
        let date = ccurl_getdate(text)
        return date >= 0 ? Int64(date) : nil
    }
}
