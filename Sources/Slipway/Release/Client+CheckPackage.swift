internal import SlipwayHTTP
package import SlipwayJSON

extension Client {
    /// Looks into a package, on a thread that may wait for the disk.
    package func checkPackage(_ path: String?, _ operation: Operation) async throws -> JSON {
        Context(operation: operation, delivery: delivery).report(Progress(.checking, "reading the package"), on: loop)
        return try await loop.offload { try Package.read(path).normalForm }
    }
}
