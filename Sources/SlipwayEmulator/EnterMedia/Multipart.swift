/// The parts of a multipart/form-data body, or why it could not be taken apart.
struct MultipartForm: Sendable {
    /// One part that is a plain field.
    struct Field: Sendable {
        let name: String
        let value: [UInt8]
    }

    /// One part that has a file name.
    struct File: Sendable {
        let name: String
        /// As sent, without its folder; empty if the sender gave none.
        let fileName: String
        let content: OpenFile
    }

    var fields: [Field] = []
    var files: [File] = []
    /// What is wrong with the body; nil when it is complete.
    var problem: String?

    /// The first field of that name.
    func field(_ name: String) -> [UInt8]? {
        fields.first { $0.name == name }?.value
    }
}

/// Takes a multipart/form-data body (RFC 7578) apart while it arrives. Files go to disk as they come: of a body of any size no more
/// than one piece is in memory. Belongs to one thread.
final class MultipartReader {
    private enum Stage {
        /// Before the first delimiter.
        case preamble
        /// Behind a delimiter: a line break, or the two dashes of the last one.
        case delimiter
        case headers
        case content
        /// Behind the last delimiter.
        case epilogue
    }

    /// What becomes of the part that is being read.
    private enum Part {
        case field(name: String, value: [UInt8])
        case file(name: String, fileName: String, TemporaryFile)
    }

    private static let headerLimit = 16 << 10
    private static let fieldLimit = 1 << 20

    private var form = MultipartForm()
    private var stage = Stage.preamble
    private var part: Part?
    private let delimiter: [UInt8]
    /// What has arrived and is not understood yet. It begins with a line break, so that the first delimiter looks like the others.
    private var pending: [UInt8] = [13, 10]

    /// Nil when the Content-Type is another one, or has no boundary.
    init?(contentType: String) {
        let parts = contentType.split(separator: ";").map { $0.drop { $0 == " " } }
        guard parts.first?.lowercased().hasPrefix("multipart/form-data") == true,
            let boundary = parts.dropFirst().first(where: { $0.lowercased().hasPrefix("boundary=") })?.dropFirst("boundary=".count)
        else { return nil }
        let text = boundary.filter { $0 != "\"" }
        guard !text.isEmpty, text.utf8.count <= 200 else { return nil }
        delimiter = Array("\r\n--\(text)".utf8)
    }

    /// The next bytes of the body.
    func read(_ piece: UnsafeRawBufferPointer) {
        guard form.problem == nil, stage != .epilogue else { return }
        pending += piece
        var position = 0
        while form.problem == nil, advance(&position) {}
        pending.removeFirst(position)
    }

    /// The body is over.
    func finish() -> MultipartForm {
        if form.problem == nil, stage != .epilogue {
            form.problem = "the multipart body ends in the middle"
        }
        part = nil
        return form
    }

    /// Understands as much as there is from `position` on; false when more bytes are needed.
    private func advance(_ position: inout Int) -> Bool {
        switch stage {
        case .preamble:
            guard let found = ByteSearch.first(delimiter, in: pending, from: position) else {
                position = max(position, pending.count - delimiter.count + 1)
                return false
            }
            position = found + delimiter.count
            stage = .delimiter
        case .delimiter:
            guard pending.count - position >= 2 else { return false }
            let next = Array(pending[position..<position + 2])
            position += 2
            switch next {
            case [13, 10]: stage = .headers
            case [45, 45]: stage = .epilogue
            default: form.problem = "there is something behind a boundary"
            }
            return stage == .headers
        case .headers:
            guard let end = ByteSearch.first([13, 10, 13, 10], in: pending, from: position) else {
                if pending.count - position > Self.headerLimit {
                    form.problem = "the headers of a part are too long"
                }
                return false
            }
            begin(headers: String(decoding: pending[position..<end], as: UTF8.self))
            // The line break before the content stays: the delimiter of an empty part begins with it.
            position = end + 4
            stage = .content
        case .content:
            guard let found = ByteSearch.first(delimiter, in: pending, from: position) else {
                let safe = pending.count - delimiter.count + 1
                if safe > position {
                    append(pending[position..<safe])
                    position = safe
                }
                return false
            }
            append(pending[position..<found])
            end()
            position = found + delimiter.count
            stage = .delimiter
        case .epilogue:
            return false
        }
        return true
    }

    private func begin(headers: String) {
        let lines = headers.split(whereSeparator: \.isNewline)
        let marker = "content-disposition:"
        let disposition = lines.first { $0.lowercased().hasPrefix(marker) }.map { String($0.dropFirst(marker.count)) } ?? ""
        let parameters = Self.parameters(disposition)
        let name = parameters["name"] ?? ""
        guard let fileName = parameters["filename"] else {
            part = .field(name: name, value: [])
            return
        }
        guard let file = TemporaryFile() else {
            form.problem = "there is no room for a file: \(TemporaryFile.problem)"
            return
        }
        part = .file(name: name, fileName: fileName.split { $0 == "/" || $0 == "\\" }.last.map(String.init) ?? "", file)
    }

    private func append(_ bytes: ArraySlice<UInt8>) {
        switch part {
        case .field(let name, let value):
            // Taken out while it grows: nobody else may hold it then.
            part = nil
            guard value.count + bytes.count <= Self.fieldLimit else {
                form.problem = "the field \(name) is longer than \(Self.fieldLimit) bytes"
                return
            }
            part = .field(name: name, value: value + bytes)
        case .file(_, _, let file):
            if !file.append(bytes) {
                form.problem = "a file could not be kept: \(TemporaryFile.problem)"
            }
        case nil:
            return
        }
    }

    private func end() {
        switch part {
        case .field(let name, let value):
            form.fields.append(MultipartForm.Field(name: name, value: value))
        case .file(let name, let fileName, let file):
            if let content = file.finish() {
                form.files.append(MultipartForm.File(name: name, fileName: fileName, content: content))
            }
        case nil:
            break
        }
        part = nil
    }

    /// The parameters of a Content-Disposition. In a quoted value, `\"` and browsers' `%22` are quotes.
    private static func parameters(_ header: String) -> [String: String] {
        var parameters: [String: String] = [:]
        var rest = header[...]
        while let equals = rest.firstIndex(of: "=") {
            let name = rest[..<equals].split { " ;".contains($0) }.last?.lowercased() ?? ""
            rest = rest[rest.index(after: equals)...]
            var value = ""
            if rest.first == "\"" {
                rest.removeFirst()
                while let character = rest.popFirst(), character != "\"" {
                    value.append(character == "\\" && rest.first == "\"" ? rest.removeFirst() : character)
                }
                value = value.split(separator: "%22", omittingEmptySubsequences: false).joined(separator: "\"")
            } else {
                value = String(rest.prefix { $0 != ";" && $0 != " " })
                rest = rest.dropFirst(value.count)
            }
            parameters[name] = value
        }
        return parameters
    }
}
