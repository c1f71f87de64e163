import ArgumentParser
import Glibc
import SlipwayEmulator

/// `slipway-emulator`: the command line, and the life of the process.
@main
struct EmulatorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slipway-emulator",
        abstract: "A stand-in of Streampixel, EnterMedia and a file host, to test a pipeline with.",
        discussion: """
            When it is ready it prints one line of JSON: base URLs, API key, user and
            project ids, pid. Then it is quiet, until SIGTERM or SIGINT stops it.

              $ slipway-emulator --files ./builds
              {"ready":true,"pid":4711,"streampixel":{"baseUrl":"http://127...

            A build that is registered with upload-file is really downloaded and looked
            into. It walks through the service's states, posts webhooks, and is rejected
            for the reasons that the service has.

            ADMIN ENDPOINTS, below the admin base URL; bodies and answers are JSON:
              GET    state             users, projects, builds, what is live
              POST   reset             back to how it started
              GET    settings          PATCH: change them; most options below are one
              POST   users             PATCH users/ID: a new apiKey
              POST   projects          PATCH projects/ID: its properties
              POST   builds            PATCH builds/ID: status, objection, live
              GET    webhooks          those that were sent; POST: send one now
              GET    journal           what was received; DELETE: forget it
                                       ?method= &path= &status= &since= &limit=
              GET    faults            those that are set; DELETE: remove them
              POST   faults            set one, for the next requests
              GET    entermedia        its users, assets, distributions
              PATCH  entermedia/settings        most options below are one
              PATCH  entermedia/users/ID        a new password, and so a new key
              POST   entermedia/assets          add one, or count of them
              DELETE entermedia/assets/ID, entermedia/distributions/ID
              POST   entermedia/restart         forget what is cached

            A FAULT is an object with these members, all but action optional:
              action                   see below
              method, path             which requests; a path may end in *
              skip, count              let so many pass, then strike so many (0: all)
              delayMs                  wait so long first
              after                    "arrival": the request has no effect;
                                       "processing": it has, its answer suffers
            Actions, with members of their own:
              delay                    nothing but delayMs
              status                   status, headers, body
              close                    the connection, without an answer
              truncate                 bytes: close within the body
              length                   by: Content-Length is too large or small
              drip                     bytes, intervalMs: a slow body
              html, broken-json        status
              redirect                 location, status
              oversized                bytes, or endless: true
              empty                    status
            """,
        version: "0.1.0")

    @OptionGroup(title: "Serving") var serving: ServingOptions
    @OptionGroup(title: "Customers") var customers: CustomerOptions
    @OptionGroup(title: "Streampixel's behaviour") var behaviour: BehaviourOptions
    @OptionGroup(title: "EnterMedia") var enterMedia: EnterMediaOptions

    func run() throws {
        // Blocked before there is any other thread, so that it is this one that gets them.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)

        var options = Emulator.Options()
        try serving.apply(to: &options)
        try customers.apply(to: &options)
        behaviour.apply(to: &options.settings)
        try enterMedia.apply(to: &options)
        Self.raiseFileLimit()
        let emulator = try Emulator(options)
        print(emulator.readyLine(pid: getpid()))
        fflush(nil)

        if serving.exitWithParent {
            try ParentWatch.start()
        }
        var received: Int32 = 0
        sigwait(&signals, &received)
        emulator.stop()
    }

    /// Each uploaded file is kept open, and so is each connection.
    private static func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
