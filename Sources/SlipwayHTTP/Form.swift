/// A form to send: multipart/form-data with plain fields and one file, which is read from the disk while it is sent.
///
/// A class, so that the many requests without one are not larger for it.
package final class Form: Sendable {
    package struct Field: Sendable {
        package let name: String
        package let text: String

        package init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    package let fields: [Field]
    package let fileField: String
    /// The name that the server gets to know.
    package let fileName: String
    package let file: SourceFile
    /// Called on the loop's thread with how many of the file's bytes have been given to the connection. Begins anew when the form is sent again.
    package let onSent: @Sendable (UInt64) -> Void

    package init(fields: [Field], fileField: String, fileName: String, file: SourceFile, onSent: @escaping @Sendable (UInt64) -> Void) {
        self.fields = fields
        self.fileField = fileField
        self.fileName = fileName
        self.file = file
        self.onSent = onSent
    }
}
