package import SlipwayJSON

/// Something about a package that the service will probably object to. The service has the last word.
package struct Finding: Sendable, Equatable {
    package enum Severity: String, Sendable {
        /// The build will not run as it is.
        case error
        case warning
    }

    package enum Code: String, Sendable {
        case notAPackage = "not_a_package"
        case noExecutable = "no_executable"
        case unsafePath = "unsafe_path"
        case encrypted
        case noContent = "no_content"
        case tooLarge = "too_large"
    }

    package let severity: Severity
    package let code: Code
    /// What was found and what to do about it, for a person.
    package let message: String

    package init(_ severity: Severity, _ code: Code, _ message: String) {
        self.severity = severity
        self.code = code
        self.message = message
    }

    package var normalForm: JSON {
        .object(["severity": .string(severity.rawValue), "code": .string(code.rawValue), "message": .string(message)])
    }
}
