internal import CCurl

/// A form on its way: libcurl's structure for it.
///
/// Belongs to the loop's thread.
final class FormBody {
    let mime: OpaquePointer
    private let form: Form
    private let file: FileBody

    /// Nil when there is no memory.
    init?(_ form: Form, _ file: FileBody, for easy: OpaquePointer) {
        guard let mime = ccurl_mime_init(easy) else { return nil }
        self.mime = mime
        self.form = form
        self.file = file
        guard addFields(), addFile() else { return nil }
    }

    deinit { ccurl_mime_free(mime) }

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
        let file = Unmanaged.passUnretained(file).toOpaque()
        return ccurl_mime_name(part, form.fileField) == CURLE_OK && ccurl_mime_filename(part, form.fileName) == CURLE_OK
            && ccurl_mime_type(part, "application/octet-stream") == CURLE_OK
            && ccurl_mime_data_cb(
                part, curl_off_t(clamping: form.file.size), { FileBody.read($0, $1, $2, $3) }, { FileBody.seek($0, $1, $2) }, nil, file)
                == CURLE_OK
    }
}
