import Glibc
import Testing

@testable import SlipwayHTTP

@Suite struct ShortageTests {
    @Test func whatTheSystemIsOutOf() {
        #expect(Shortage(errno: ENOMEM) == .memory && Shortage(errno: ENOBUFS) == .memory)
        #expect(Shortage(errno: EMFILE) == .descriptors && Shortage(errno: ENFILE) == .descriptors)
        // The numbers of a library that is missing, too old, or not to be had are no errno.
        for number in [0, -1, -2, -3, ENOENT, EACCES] { #expect(Shortage(errno: number) == nil) }
    }

    @Test func itIsSaidWithWhatToDo() {
        #expect(Shortage.memory.text == "the system is out of memory")
        #expect(Shortage.descriptors.hint == "Raise the limit of open files (ulimit -n).")
        let several: Shortage = [.descriptors, .threads]
        #expect(several.text == "the system is out of descriptors or threads")
        #expect(several.hint.holds("ulimit -n") && several.hint.holds("ulimit -u"))
    }

    @Test func itMayPass() {
        #expect(TransferFailure(.memory).isRetriable && !TransferFailure(.memory).wasSent)
        #expect(TransferFailure(.descriptors, wasSent: true).wasSent)
    }
}

/// Whether a file of certificates can be the reason why it could not be used.
@Suite struct CertificateFileTests {
    private static let certificate = "-----BEGIN CERTIFICATE-----\nMIIB+jCC\nAWOgAw==\n-----END CERTIFICATE-----\n"

    @Test(arguments: [
        Self.certificate, Self.certificate + Self.certificate, "# Root\n" + Self.certificate,
        Self.certificate.replacing("\n", with: "\r\n"),
    ])
    func soundOnes(text: String) {
        #expect(CertificateFile.isSound(text))
    }

    @Test(arguments: [
        "", "<html>", String(Self.certificate.dropLast(30)), Self.certificate.replacing("MII", with: "M<>"),
        Self.certificate + Self.certificate.dropLast(26),
        String(Self.certificate.dropFirst(28)),
    ])
    func damagedOnes(text: String) {
        #expect(!CertificateFile.isSound(text))
    }

    @Test func ofAPath() throws {
        let scratch = ScratchFile(Array(Self.certificate.utf8))
        #expect(try CertificateFile.isSound(at: scratch.path))
        #expect(throws: SourceFile.Problem.self) { try CertificateFile.isSound(at: scratch.path + ".gone") }
        #expect(throws: SourceFile.Problem.self) { try CertificateFile.isSound(at: "/tmp") }
    }
}
