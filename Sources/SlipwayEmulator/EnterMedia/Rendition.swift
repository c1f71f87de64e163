/// What EnterMedia makes of an image: its presets, in the order in which it lists them.
enum Rendition: String, Sendable, CaseIterable {
    case webplargeimage, largeimage, webpmediumimage, webpthumbimage, webpimagecrop

    var title: String {
        switch self {
        case .webplargeimage: "Webp Image 3000x3000"
        case .largeimage: "Image 3000x3000 JPG"
        case .webpmediumimage: "Webp Image 550x550"
        case .webpthumbimage: "Webp Image 200 Thumbnail"
        case .webpimagecrop: "Webp Image Small Crop"
        }
    }

    /// The file that it is, and what is added to the asset's name when it is downloaded.
    var file: (name: String, suffix: String) {
        switch self {
        case .webplargeimage: ("image3000x3000.webp", "L.webp")
        case .largeimage: ("image3000x3000.jpg", "L.jpg")
        case .webpmediumimage: ("image550x550.webp", "M.webp")
        case .webpthumbimage: ("image200x200.webp", "S.webp")
        case .webpimagecrop: ("image110x62cropped.webp", "110x62cropped.webp")
        }
    }

    var type: String {
        self == .largeimage ? "image/jpeg" : "image/webp"
    }

    /// A picture of one pixel, which names in a comment what it stands for: two assets never have the same bytes.
    func content(of asset: Asset) -> [UInt8] {
        let comment = Array("\(rawValue) of \(asset.id), \(asset.file?.size ?? 0) bytes, \(asset.modified)".utf8.prefix(60_000))
        return self == .largeimage ? Self.jpeg(comment) : Self.webp(comment)
    }

    private static func jpeg(_ comment: [UInt8]) -> [UInt8] {
        let length = comment.count + 2
        let header: [UInt8] = [0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]
        return header + [0xff, 0xfe, UInt8(length >> 8), UInt8(length & 0xff)] + comment + gray
    }

    /// A JPEG's tables, one gray pixel and its end.
    private static let gray: [UInt8] =
        [0xff, 0xdb, 0, 67, 0] + [UInt8](repeating: 1, count: 64)
        + [0xff, 0xc0, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0]
        + [0xff, 0xc4, 0, 20, 0, 1] + [UInt8](repeating: 0, count: 15) + [0]
        + [0xff, 0xc4, 0, 20, 0x10, 1] + [UInt8](repeating: 0, count: 15) + [0]
        + [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x3f, 0xff, 0xd9]

    private static func webp(_ comment: [UInt8]) -> [UInt8] {
        // One lossless pixel, and a chunk of a kind that readers skip.
        let pixel: [UInt8] = [0x2f, 0, 0, 0, 0x10, 7, 0x10, 0x11, 0x11, 0x88, 0x88, 0xfe, 7, 0]
        let chunks = Array("WEBP".utf8) + chunk("VP8L", pixel) + chunk("NOTE", comment)
        return Array("RIFF".utf8) + number(chunks.count) + chunks
    }

    private static func chunk(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
        Array(name.utf8) + number(bytes.count) + bytes + (bytes.count % 2 == 0 ? [] : [0])
    }

    private static func number(_ number: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(clamping: number).littleEndian) { Array($0) }
    }
}
