internal import CSystem

extension String {
    /// What the system calls an error number, in English and UTF-8 whatever the host's language is: it stands in an English sentence.
    package init(systemError number: Int32) {
        self = csystem_error_text(number).map { String(cString: $0) } ?? "error \(number)"
    }
}
