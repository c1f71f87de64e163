extension String {
    /// Whether `text` stands somewhere in this one, byte for byte. (The standard library's search brings the engine of regular expressions along.)
    package func holds(_ text: String) -> Bool {
        var hay = self
        return hay.withUTF8 { Redaction.find(Array(text.utf8), in: $0) }
    }
}
