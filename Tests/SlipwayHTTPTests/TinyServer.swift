import Glibc

@testable import SlipwayHTTP

/// A server on loopback that does with each connection what a test tells it to.
final class TinyServer: Sendable {
    /// One connection, on a thread of its own.
    final class Connection {
        /// The first that was accepted is 0.
        let number: Int
        private let socket: Int32
        private var buffer: [UInt8] = []

        fileprivate init(_ socket: Int32, _ number: Int) {
            self.socket = socket
            self.number = number
        }

        deinit { close() }

        /// The lines of the next request's head. Nil when the client has closed the connection.
        func head() -> [String]? {
            let end = Array("\r\n\r\n".utf8)
            while true {
                // Never far from the start.
                for start in buffer.indices.dropLast(3) where buffer[start..<start + 4].elementsEqual(end) {
                    let text = String(decoding: buffer[..<start], as: UTF8.self)
                    buffer.removeFirst(start + 4)
                    return text.split(separator: "\r\n").map(String.init)
                }
                guard receive() else { return nil }
            }
        }

        /// The next `count` bytes, or fewer when no more come.
        func body(_ count: Int) -> [UInt8] {
            while buffer.count < count, receive() {}
            defer { buffer.removeFirst(min(count, buffer.count)) }
            return Array(buffer.prefix(count))
        }

        /// What comes until the client closes the connection, and how much.
        func drain() -> Int {
            while receive() {}
            return buffer.count
        }

        func send(_ text: String) {
            var bytes = Array(text.utf8)[...]
            while !bytes.isEmpty {
                let count = bytes.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard count > 0 else { return }
                bytes = bytes.dropFirst(count)
            }
        }

        func answer(_ status: Int, _ headers: [String] = [], body: String = "") {
            let lines = ["HTTP/1.1 \(status) Whatever", "Content-Length: \(body.utf8.count)"] + headers + ["", body]
            send(lines.joined(separator: "\r\n"))
        }

        private var isOpen = true

        func close() {
            if isOpen { Glibc.close(socket) }
            isOpen = false
        }

        private func receive() -> Bool {
            guard isOpen else { return false }
            let start = buffer.count
            var chunk = [UInt8](repeating: 0, count: 256 << 10)
            let count = chunk.withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { return false }
            chunk.withUnsafeBytes { buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            return buffer.count > start
        }
    }

    let url: String
    private let listener: Int32

    init(_ serve: @escaping @Sendable (Connection) -> Void) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = bind(listener, address, size)
                _ = getsockname(listener, address, &size)
            }
        }
        listen(listener, 64)
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        _ = Thread.start(named: "tiny-server") {
            var number = 0
            while true {
                let socket = accept(listener, nil, nil)
                guard socket >= 0 else { break }
                let connection = Handover(Connection(socket, number))
                number += 1
                _ = Thread.start(named: "tiny-connection") { serve(connection.value) }
            }
            close(listener)
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    /// A connection on its way to its thread.
    private final class Handover: @unchecked Sendable {
        // Unchecked: given away once.
        let value: Connection

        init(_ value: Connection) { self.value = value }
    }
}

extension [String] {
    /// The value of a header among a head's lines.
    func value(_ name: String) -> String? {
        first { $0.lowercased().hasPrefix(name.lowercased() + ":") }.map {
            String($0.dropFirst(name.utf8.count + 1).drop { $0 == " " })
        }
    }
}
