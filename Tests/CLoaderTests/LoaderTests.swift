import CLoader
import Testing

@Suite struct LoaderTests {
    /// Opens `soname` as the first client would, looking for `symbol`.
    private func open(_ soname: String, symbol: String, messageSize: Int = 1024) -> (status: cloader_status, message: String, found: Bool) {
        var slot: UnsafeMutableRawPointer?
        var message = [CChar](repeating: 0x7F, count: messageSize + 1)
        let status = soname.withCString { soname in
            symbol.withCString { symbol in
                withUnsafeMutablePointer(to: &slot) { slot in
                    withUnsafePointer(to: cloader_symbol(name: symbol, slot: slot, linked: nil)) { symbols in
                        "libexample1".withCString { package in
                            "1.0".withCString { minimum in
                                var library = cloader_library(
                                    soname: soname, package: package, minimum: minimum, symbols: symbols, count: 1, prepare: nil, ready: 0)
                                let first = cloader_open(&library, &message, messageSize)
                                let second = cloader_open(&library, nil, 0)
                                #expect(first == second)
                                #expect(cloader_is_ready(&library) == (first == CLOADER_OK))
                                return first
                            }
                        }
                    }
                }
            }
        }
        #expect(message.last == 0x7F, "written beyond the end")
        let text = message.prefix(messageSize).prefix { $0 != 0 }
        #expect(status == CLOADER_OK || messageSize == 0 || text.count < messageSize, "no NUL at the end")
        return (status, String(decoding: text.map(UInt8.init(bitPattern:)), as: UTF8.self), slot != nil)
    }

    #if os(Linux)
        @Test func opensWhatIsThere() {
            let result = open("libm.so.6", symbol: "cos")
            #expect(result.status == CLOADER_OK)
            #expect(result.found)
        }

        @Test func namesTheMissingLibraryAndItsPackage() {
            let result = open("libnot-there.so.9", symbol: "anything")
            #expect(result.status == CLOADER_LIBRARY_MISSING)
            #expect(!result.found)
            #expect(
                result.message
                    == "libnot-there.so.9 could not be loaded: cannot open shared object file: No such file or directory. "
                    + "Install it (Debian: apt-get install libexample1).")
        }

        @Test func namesTheMissingFunction() {
            let result = open("libm.so.6", symbol: "no_such_function")
            #expect(result.status == CLOADER_SYMBOL_MISSING)
            #expect(result.message.contains("libm.so.6 has no function no_such_function; version 1.0 or newer is needed."))
            #expect(result.message.contains("apt-get install libexample1"))
        }

        /// Names of two, three and four bytes a character; at every size the message ends between two of them.
        @Test(arguments: Array(0..<64))
        func cutsBetweenCharacters(size: Int) {
            let result = open("libé€😀é€😀é€😀.so", symbol: "anything", messageSize: size)
            #expect(result.status == CLOADER_LIBRARY_MISSING)
            #expect(!result.message.contains("\u{FFFD}"))
            let whole = "libé€😀é€😀é€😀.so could not be loaded: "
            #expect(whole.hasPrefix(result.message) || result.message.hasPrefix(whole))
        }
    #endif
}
