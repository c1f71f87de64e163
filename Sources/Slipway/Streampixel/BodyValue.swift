internal import SlipwayJSON

/// A member of a request's body.
enum BodyValue {
    case text(String)
    case flag(Bool)

    func write(to body: inout [UInt8]) {
        switch self {
        case .flag(let flag): body += flag ? "true".utf8 : "false".utf8
        case .text(let text):
            // Ids and links stand in JSON as they are.
            guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) else {
                body += text.asJSON
                return
            }
            body.append(UInt8(ascii: "\""))
            body += text.utf8
            body.append(UInt8(ascii: "\""))
        }
    }
}
