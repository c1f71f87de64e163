import SlipwayJSON

/// A running emulator: the services on one port (and, with an identity, on a second one over TLS).
package final class Emulator: Sendable {
    package struct Options: Sendable {
        /// A numeric address.
        package var address = "127.0.0.1"
        /// 0: the system picks one.
        package var port: UInt16 = 0
        package var tlsPort: UInt16 = 0
        /// PEM texts; with both there is a second port that speaks TLS.
        package var certificate: String?
        package var key: String?
        /// A file with the certificates to trust for https downloads and webhooks; nil: the system's.
        package var trust: String?
        /// A folder to serve.
        package var files: String?
        package var settings = Settings()
        /// At least one.
        package var users: [User] = []
        /// The ids of each user's projects, in the order of the users.
        package var projects: [[String]] = []
        package var region = "asia-pacific"
        /// Where the webhooks of all projects go.
        package var webhookURL: String?
        /// The path of EnterMedia's base URL, without a slash at its end.
        package var enterMediaPrefix = "/assets/mediadb"
        package var enterMediaSettings = EnterMediaSettings()
        /// The first one is the one that the ready line shows.
        package var enterMediaUsers = [EnterMediaUser(id: "admin", password: "admin")]

        package init() {}
    }

    /// Why it could not be started, for people.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private let options: Options
    private let media: EnterMedia
    private let pause = Pause()
    private let plain: Server
    private let secure: Server?

    /// Starts to serve.
    package init(_ options: Options) throws(Failure) {
        do throws(JSON.LibraryUnavailable) {
            try JSON.load()
        } catch {
            throw Failure(description: error.description)
        }
        self.options = options
        let media = EnterMedia(
            prefix: options.enterMediaPrefix, settings: options.enterMediaSettings, users: options.enterMediaUsers)
        self.media = media
        let handler = Self.handler(options, media: media, pause: pause)
        let takesForm: Server.FormRule = { media.takesForm(method: $0, path: $1) }
        do throws(Server.Failure) {
            plain = try Server(
                address: options.address, port: options.port, identity: nil, pause: pause, takesForm: takesForm, handler: handler)
            if let certificate = options.certificate, let key = options.key {
                let identity = Server.Identity(certificate: certificate, key: key)
                let server = try Server(
                    address: options.address, port: options.tlsPort, identity: identity, pause: pause, takesForm: takesForm,
                    handler: handler)
                media.opened(tlsPort: server.port)
                secure = server
            } else {
                secure = nil
            }
        } catch {
            throw Failure(description: error.text)
        }
    }

    /// Stops serving: every wait ends, every connection is closed.
    package func stop() {
        pause.stop()
        plain.stop()
        secure?.stop()
    }

    /// What a test or a script needs to know, as one line of JSON. `pid` is the process that serves.
    package func readyLine(pid: Int32) -> String {
        let users = zip(options.users, options.projects).map { $0.document(projects: $1) }
        let base = "http://\(host):\(plain.port)"
        let tlsBase = secure.map { "https://\(host):\($0.port)" }
        func url(_ path: String) -> JSON? { .string(base + path) }
        func tlsURL(_ path: String) -> JSON? { tlsBase.map { .string($0 + path) } }
        let ready = JSON.object([
            "ready": true,
            "pid": .integer(pid),
            "streampixel": .object([
                "baseUrl": url(Streampixel.prefix),
                "tlsBaseUrl": tlsURL(Streampixel.prefix),
                "apiKey": options.users.first.map { .string($0.apiKey) },
                "userId": options.users.first.map { .string($0.id) },
                "projectIds": .array((options.projects.first ?? []).map { .string($0) }),
                "users": .array(users),
            ]),
            "entermedia": .object([
                "baseUrl": url(media.prefix),
                "tlsBaseUrl": tlsURL(media.prefix),
                "user": options.enterMediaUsers.first.map { .string($0.id) },
                "password": options.enterMediaUsers.first.map { .string($0.password) },
                "key": options.enterMediaUsers.first.map { .string($0.key) },
                "users": .array(options.enterMediaUsers.map(\.document)),
            ]),
            "files": options.files.map { _ in .object(["baseUrl": url(FileHost.prefix), "tlsBaseUrl": tlsURL(FileHost.prefix)]) },
            "admin": .object(["baseUrl": url(AdminService.prefix)]),
        ])
        return ready.serialized()
    }

    /// The address as it stands in a URL: "all addresses" is no place to go to.
    private var host: String {
        switch options.address {
        case "0.0.0.0": "127.0.0.1"
        case "::": "[::1]"
        case let address: address.contains(":") ? "[\(address)]" : address
        }
    }

    /// Ties the parts together: what a request goes through.
    private static func handler(_ options: Options, media: EnterMedia, pause: Pause) -> Server.Handler {
        let faults = FaultList()
        let journal = Journal()
        let projects = zip(options.users, options.projects).flatMap { user, ids in
            ids.enumerated().map { number, id in
                var project = Project(id: id, userID: user.id, name: "Project \(number + 1)")
                project.region = options.region
                project.webhookURL = options.webhookURL
                return project
            }
        }
        let streampixel = Streampixel(
            settings: options.settings, users: options.users, projects: projects, pause: pause, trust: options.trust)
        let streampixelAdmin = StreampixelAdmin(streampixel: streampixel) {
            _ = faults.remove(id: nil)
            journal.clear()
            media.reset()
        }
        let admin = Router(
            routes: AdminService(faults: faults, journal: journal).routes + streampixelAdmin.routes + EnterMediaAdmin(media: media).routes)
        let service = Router(
            routes: StreampixelService(streampixel: streampixel).routes + (options.files.map { FileHost(folder: $0).routes } ?? [])
                + EnterMediaService(media: media).routes)
        return { request in
            if request.path == AdminService.prefix || request.path.hasPrefix(AdminService.prefix + "/") {
                return Reply(response: admin.answer(request))
            }
            let fault = faults.take(for: request)
            let entry = journal.note(request, fault: fault?.id)
            let reply =
                fault.map { $0.fault.reply(pause: pause) { service.answer(request) } } ?? Reply(response: service.answer(request))
            if !reply.delivery.isWithheld {
                journal.note(status: reply.response.status, of: entry)
            }
            return reply
        }
    }
}
