import SlipwayJSON

/// What EnterMedia says about an asset. Numbers and flags are strings.
extension Asset {
    /// Right after its upload: less is known then.
    var uploadData: JSON {
        .object([
            "assettitle": title.isEmpty ? nil : .string(title),
            "editstatus": file.map { _ in ["id": "1", "name": "Pending"] },
            "fileformat": fileFormat,
            "name": name.isEmpty ? nil : .string(name),
            "isfolder": .string(String(isFolder)),
            "category-exact": file == nil ? [] : category,
            "id": .string(id),
            "importstatus": file.map { _ in ["id": .string(importStatus.rawValue), "name": .string(importStatus.name)] },
            "islocked": "false",
            "owner": file.map { _ in ownerData },
            "previewstatus": file.map { _ in ["id": "0", "name": "Unknown"] },
            "primaryfile": isFolder && !name.isEmpty ? .string(name) : nil,
            "pushstatus": file.map { _ in ["id": "resend", "name": "Resend"] },
            "sourcepath": .string(sourcePath),
            "assetaddeddate": .string(Clock.text(wall: added)),
            "assetviews": file.map { _ in "1" },
        ])
    }

    /// When it was looked into. There is no `md5hex`, which would mean to read files of any size.
    func data(isConverted: Bool) -> JSON {
        guard isConverted, file != nil else { return uploadData }
        let unset = [
            "assetexpired", "existsonpush", "missinggenerated", "googletranscoded", "duplicate", "duplicatesourcepath", "emiderror",
            "emidwritten", "facescancomplete", "facescanerror", "facehasprofile", "haschat", "hasfulltext", "securityenabled", "llmerror",
            "publisheds3", "googletagged", "taggedbyllm", "xmperror",
        ]
        let badges = [
            "duplicatesourcepath_false", "assetexpired_false", "editstatus_1", "haschat_false", "duplicate_false", "islocked_false",
        ]
        let type: JSON = isImage ? ["id": "photo", "name": "Photos"] : ["id": "other", "name": "Other"]
        let known: [(String, JSON?)] = [
            ("assettitle", .string(title.isEmpty ? baseName : title)),
            ("description", .string("\(name)|\(id)|\(owner)|\(sourcePath)|\(ending)|\(baseName)|")),
            ("assettype", type),
            ("badge", .array(badges.map { ["id": .string("asset_\($0)")] })),
            ("category", category),
            ("detectedfileformat", .string(ending == "jpg" ? "jpeg" : ending)),
            ("entitysourcetype", ["id": "asset"]),
            ("filesize", file.map { .string(String($0.size)) }),
            ("foldersourcepath", .string(sourcePath.split(separator: "/").dropLast().joined(separator: "/"))),
            ("height", "0"), ("width", "0"), ("pages", "0"), ("assetvotes", "0"), ("ordering", "1"),
            ("importstatus", ["id": "complete", "name": "Complete"]),
            ("previewstatus", renditions.isEmpty ? ["id": "0", "name": "Unknown"] : ["id": "2", "name": "Conversions Complete"]),
            ("assetmodificationdate", .string(Clock.text(wall: modified))),
        ]
        return (unset.map { ($0, "false") } + known).reduce(uploadData) { $0.adding($1.0, $1.1) }
    }

    /// As it is when it is asked for: with where its files are. `prefix` is the path of the base URL.
    func details(isConverted: Bool, prefix: String) -> JSON {
        let services = "\(prefix)/services/module/asset"
        let downloads = renditions.map { rendition -> JSON in
            let (file, suffix) = rendition.file
            return [
                "name": .string(rendition.title), "id": .string(rendition.rawValue),
                "url": .string("\(services)/generated/\(sourcePath)/\(file)"),
                "download": .string("\(services)/generate/\(sourcePath)/\(file)/\(baseName)\(suffix)"),
            ]
        }
        return data(isConverted: isConverted)
            .adding("mediarendertype", isImage ? "image" : nil)
            .adding("originalurl", .string(filePath))
            .adding("downloads", .array(downloads))
    }

    /// The file's name without its ending.
    private var baseName: String {
        ending.isEmpty ? name : String(name.dropLast(ending.count + 1))
    }

    private var ownerData: JSON {
        ["id": .string(owner), "name": .string(owner)]
    }

    private var category: JSON {
        let folder = isFolder ? sourcePath : sourcePath.split(separator: "/").dropLast().joined(separator: "/")
        let name = folder.split(separator: "/").last.map(String.init) ?? ""
        return [["id": .string("category-\(name)"), "name": .string(name)]]
    }

    private var fileFormat: JSON? {
        let name = ending == "txt" ? "TEXT" : ending.uppercased()
        return name.isEmpty ? nil : ["id": .string(ending), "name": .string(name)]
    }
}
