import SlipwayHTTP
import SlipwayJSON
import Testing

@testable import Slipway

/// What is told when the system is out of something.
@Suite struct ShortageTests {
    init() throws { try Libraries.load() }

    private func outcome(_ result: Result<Ending, any Error>) -> Outcome {
        let whole = Operation(
            name: "store", deadline: nil, onProgress: nil, onComplete: { _ in }, needsConnection: false, { _, _ in .answer(.null) })
        return Outcome(of: whole, result, Redaction())
    }

    @Test func anAnswerThatLacksSomethingIsNone() {
        for ending in [Ending.answer(.object(["id": "a", "raw": .lost])), .later { .array([.lost]) }] {
            let outcome = outcome(.success(ending))
            #expect(outcome.status == .internal && outcome.answer.isNull)
            #expect(outcome.message == "it was done, but there was no memory for its answer: the system is out of memory")
            // What it did was done: a registration must not be repeated unseen.
            #expect(
                !outcome.isRetriable && outcome.hint == "Free memory, or give the process more. Look at what is there before you repeat it."
            )
        }
        #expect(outcome(.success(.answer(.object(["id": .null])))).status == .ok)
    }

    @Test func anAnswerWithoutItsSecretsMayBeLostToo() {
        #expect(Redaction(secrets: ["hidden"])(JSON.object(["a": "hidden", "b": .lost])).isLost)
    }

    @Test func aFailureKeepsItsWords() {
        let outcome = outcome(.failure(Failure(.notReady, "not yet", answer: .object(["id": .lost]))))
        #expect(outcome.status == .notReady && outcome.message == "not yet" && outcome.answer.isNull)
    }

    @Test func whatIsShort() {
        let thread = outcome(.failure(Shortage.threads))
        #expect(thread.status == .internal && thread.isRetriable && thread.message == "store: the system is out of threads")
        #expect(thread.hint == "Raise the limit of threads (ulimit -u).")
        let socket = outcome(.failure(TransferFailure(.descriptors)))
        #expect(socket.status == .internal && socket.isRetriable && socket.message == "the service: the system is out of descriptors")
        let document = outcome(Result { .answer(.integer(try JSON.lost.encoded().count)) })
        #expect(document.status == .internal && document.message == "writing a document: the system is out of memory")
    }

    @Test func aFailureOfATransferHasTheStatusOfItsAnswer() {
        let failure = Failure(TransferFailure(.protocol, "redirected", wasSent: true, httpStatus: 302), to: "the link")
        #expect(failure.status == .protocol && failure.httpStatus == 302 && !failure.isRetriable)
    }
}
