/// The name of a copy that is not whole yet: ".MyGame.zip.<32 digits>.slipway" becomes MyGame.zip. Nobody guesses it, and web servers and
/// people leave alone what begins with a dot.
struct HiddenName {
    /// What every file system takes.
    static let maxSize = 255
    private static let ending = ".slipway"
    private static let idSize = 32
    private static let maxTargetSize = maxSize - 2 - idSize - ending.utf8.count

    /// The name that the file will have, as far as it fits in.
    let target: String
    /// 32 hexadecimal digits.
    let id: String

    init(target: String) {
        self.target = Self.cut(target)
        id = UUID.makeHex()
    }

    /// Nil when `id` is none.
    init?(target: String, id: String) {
        guard Self.isID(id.utf8[...]) else { return nil }
        self.target = Self.cut(target)
        self.id = id
    }

    /// One that was found in a folder. Nil when it is the name of something else.
    init?(_ name: String) {
        let bytes = name.utf8
        guard bytes.count <= Self.maxSize, bytes.first == UInt8(ascii: "."),
            bytes.suffix(Self.ending.utf8.count).elementsEqual(Self.ending.utf8)
        else { return nil }
        let front = bytes.dropFirst().dropLast(Self.ending.utf8.count)
        let id = front.suffix(Self.idSize)
        let target = front.dropLast(Self.idSize)
        guard Self.isID(id), target.count > 1, target.last == UInt8(ascii: ".") else { return nil }
        self.id = String(id) ?? ""
        self.target = String(target.dropLast()) ?? ""
    }

    var text: String { ".\(target).\(id)\(Self.ending)" }

    /// Names that are too long lose their end, which leaves two of them with the same beginning one name: all that comes of it is that what
    /// one of them has left behind may be told, and removed, as if the other one had.
    static func cut(_ target: String) -> String {
        guard target.utf8.count > maxTargetSize else { return target }
        var cut = ""
        var size = 0
        for scalar in target.unicodeScalars {
            size += UTF8.width(scalar)
            if size > maxTargetSize { break }
            cut.unicodeScalars.append(scalar)
        }
        return cut
    }

    /// Whether it is of a file whose name is this, or begins like this. Byte by byte: to a file system "é" in one character and in two differ.
    func isOf(_ name: String, isWhole: Bool) -> Bool {
        let name = Self.cut(name)
        return target.utf8.starts(with: name.utf8) && (!isWhole || target.utf8.count == name.utf8.count)
    }

    private static func isID(_ bytes: Substring.UTF8View) -> Bool {
        bytes.count == idSize
            && bytes.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }
}
