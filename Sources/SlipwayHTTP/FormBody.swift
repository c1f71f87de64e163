internal import CCurl

/// A form on its way: libcurl's structure for it, and the file that is read for it.
///
/// Belongs to the loop's thread, but for what `ReadAhead` does on its own.
final class FormBody {
    let mime: OpaquePointer
    private let form: Form
    private var source: ReadAhead?
    private var sent: UInt64 = 0
    /// Called once, when the last byte has been given away: from now on it is the server's turn.
    private let onEnd: () -> Void

    /// libcurl's answer to "nothing yet" and "give up", which are macros with casts.
    private static let pause = Int(CURL_READFUNC_PAUSE)
    private static let abort = Int(CURL_READFUNC_ABORT)

    /// `onMore` is called on any thread when a paused transfer can go on. Nil when there is no memory, or no thread.
    init?(_ form: Form, for easy: OpaquePointer, onEnd: @escaping () -> Void, onMore: @escaping @Sendable () -> Void) {
        guard let mime = ccurl_mime_init(easy) else { return nil }
        self.mime = mime
        self.form = form
        self.onEnd = onEnd
        guard addFields(), addFile(), let source = ReadAhead(form.file, onMore: onMore) else { return nil }
        self.source = source
    }

    deinit {
        source?.abandon()
        ccurl_mime_free(mime)
    }

    /// What was wrong with the file, when that is why the transfer failed.
    var problem: SourceFile.Problem? { source?.problem }

    private func addFields() -> Bool {
        form.fields.allSatisfy { field in
            var text = field.text
            let part = ccurl_mime_addpart(mime)
            return ccurl_mime_name(part, field.name) == CURLE_OK
                && text.withUTF8 { bytes in
                    bytes.withMemoryRebound(to: CChar.self) { ccurl_mime_data(part, $0.baseAddress, $0.count) == CURLE_OK }
                }
        }
    }

    private func addFile() -> Bool {
        let part = ccurl_mime_addpart(mime)
        let this = Unmanaged.passUnretained(self).toOpaque()
        return ccurl_mime_name(part, form.fileField) == CURLE_OK && ccurl_mime_filename(part, form.fileName) == CURLE_OK
            && ccurl_mime_type(part, "application/octet-stream") == CURLE_OK
            && ccurl_mime_data_cb(
                part, curl_off_t(clamping: form.file.size),
                { target, size, count, this in FormBody.read(target, size, count, this) }, nil, nil, this) == CURLE_OK
    }

    private static func read(_ target: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ this: UnsafeMutableRawPointer?) -> Int {
        guard let this, let target else { return abort }
        let (room, overflows) = size.multipliedReportingOverflow(by: count)
        guard !overflows else { return abort }
        return Unmanaged<FormBody>.fromOpaque(this).takeUnretainedValue().read(UnsafeMutableRawBufferPointer(start: target, count: room))
    }

    private func read(_ target: UnsafeMutableRawBufferPointer) -> Int {
        switch source?.take(into: target) {
        case .bytes(let count):
            sent += UInt64(count)
            if count > 0 { form.onSent(sent) }
            if sent == form.file.size { onEnd() }
            return count
        case .notYet: return Self.pause
        case .broken, nil: return Self.abort
        }
    }
}
