extension String {
    /// The text as a JSON string, with its quotation marks, as jansson writes it: for who cannot do without it, for it is never lost.
    package var asJSON: [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        var json: [UInt8] = []
        json.reserveCapacity(utf8.count + 2)
        json.append(UInt8(ascii: "\""))
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): json += [UInt8(ascii: "\\"), byte]
            case 0x08: json += "\\b".utf8
            case 0x09: json += "\\t".utf8
            case 0x0A: json += "\\n".utf8
            case 0x0C: json += "\\f".utf8
            case 0x0D: json += "\\r".utf8
            case 0x00..<0x20: json += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: json.append(byte)
            }
        }
        json.append(UInt8(ascii: "\""))
        return json
    }
}
