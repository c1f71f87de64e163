import ArgumentParser
import Glibc

/// Ends the process when its standard input is closed: a test that dies, however it dies, then leaves no emulator behind.
///
/// Not by PR_SET_PDEATHSIG: that signal comes when the *thread* that started the process ends, and test runners start processes from
/// threads that do not last.
enum ParentWatch {
    static func start() throws {
        var thread = pthread_t()
        let error = pthread_create(
            &thread, nil,
            { _ in
                var byte: UInt8 = 0
                while true {
                    let count = read(STDIN_FILENO, &byte, 1)
                    if count == 0 || (count < 0 && errno != EINTR) {
                        break
                    }
                }
                // The same way out as for everyone else.
                kill(getpid(), SIGTERM)
                return nil
            }, nil)
        guard error == 0 else {
            throw ValidationError("--exit-with-parent: there is no thread to watch the standard input")
        }
        pthread_detach(thread)
    }
}
