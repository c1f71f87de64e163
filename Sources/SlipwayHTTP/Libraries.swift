internal import CCurl
internal import CLoader
internal import SlipwayJSON

/// The C libraries that are opened at the first client instead of being linked, so that a host's symbols cannot capture their calls.
package enum Libraries {
    package struct Missing: Error {
        /// What is missing, and which package has it if that is the reason.
        package let text: String
        /// They are there, but the system was out of something when they were to be opened.
        package let shortage: Shortage?
    }

    /// Whether the process is at its end: no event loop goes on, so there is nothing to start and nothing to wait for.
    package static var processIsExiting: Bool { cloader_is_exiting() }

    /// Any thread, any number of times: the first one opens them. A failure may be tried again.
    package static func load() throws(Missing) {
        var message = [CChar](repeating: 0, count: 512)
        let status = ccurl_load(&message, message.count)
        guard status == 0 else {
            let text = message.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
            throw Missing(text: text, shortage: Shortage(errno: status))
        }
        do { try JSON.load() } catch { throw Missing(text: error.description, shortage: Shortage(errno: error.shortage)) }
    }
}
