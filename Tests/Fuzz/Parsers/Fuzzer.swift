import CFuzzer

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// One parser under libFuzzer: `slipway-fuzz NAME [options and folders of libFuzzer]`. Without a name it prints all of them.
@main
enum Fuzzer {
    /// Set before the first input, and not changed after.
    nonisolated(unsafe) private static var parser: Parser?
    private static let variable = "SLIPWAY_FUZZ_PARSER"

    static func main() throws {
        guard CommandLine.arguments.count > 1 else { return print(Parser.all.map(\.name).joined(separator: "\n")) }
        // libFuzzer starts this program again for some of its work, and passes on no argument that is not its own.
        let passedOn = getenv(variable).map { String(cString: $0) }
        guard let parser = Parser.named(passedOn ?? CommandLine.arguments[1]) else {
            print("there is no parser \(CommandLine.arguments[1])")
            exit(2)
        }
        setenv(variable, parser.name, 1)
        self.parser = parser
        try Parser.prepare()
        let words = [CommandLine.arguments[0]] + CommandLine.arguments.dropFirst(passedOn == nil ? 2 : 1)
        let arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: words.count + 1)
        for (index, word) in words.enumerated() { arguments[index] = strdup(word) }
        arguments[words.count] = nil
        var count = CInt(words.count)
        var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = arguments
        exit(
            LLVMFuzzerRunDriver(&count, &list) { bytes, size in
                do {
                    try Fuzzer.parser?.read(Array(UnsafeBufferPointer(start: bytes, count: size)))
                } catch {
                    // A finding: libFuzzer keeps the input of a process that ends so.
                    fatalError("\(error)")
                }
                return 0
            })
    }
}
