// swift-tools-version: 6.2
import PackageDescription

// Inner rooms run on their caller's actor unless they say otherwise: domain code stays on the client's event loop
// without a word about it, which is what lets it be plain async Swift without locks.
let swift: [SwiftSetting] = [
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]
let lean: [SwiftSetting] =
    swift + [
        // For what ends up in the library: regular expressions are not used there, and their engine is a megabyte.
        .unsafeFlags(["-Xfrontend", "-disable-implicit-string-processing-module-import"]),
        // Debug builds, which the sanitizers run, check for overlapping accesses; in a release such a check could only end the host.
        .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
    ]

// What reads foreign bytes, under libFuzzer (set by Tests/Fuzz/fuzz.py) or, without it, with what libFuzzer has found.
let fuzzing: [Target] =
    Context.environment["SLIPWAY_FUZZ"] == nil
    ? [
        .testTarget(
            name: "FuzzTests", dependencies: ["Slipway"], path: "Tests/Fuzz/Parsers", exclude: ["Fuzzer.swift"], swiftSettings: swift)
    ]
    : [
        .systemLibrary(name: "CFuzzer", path: "Tests/Fuzz/Driver"),
        .executableTarget(
            name: "slipway-fuzz", dependencies: ["CFuzzer", "Slipway"], path: "Tests/Fuzz/Parsers", exclude: ["CorpusTests.swift"],
            swiftSettings: swift),
    ]

let package = Package(
    name: "slipway",
    products: [
        .library(name: "slipway", type: .dynamic, targets: ["SlipwayABI"]),
        .executable(name: "slipway-emulator", targets: ["SlipwayEmulatorCommand"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
    ],
    targets: [
        // The contract.
        .systemLibrary(name: "CSlipway", path: "include"),

        // C libraries, each behind typed functions of its own.
        .target(name: "CLoader", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .target(
            name: "CCurl", dependencies: ["CLoader", "CSystem"],
            linkerSettings: [.linkedLibrary("curl", .when(platforms: [.macOS, .windows]))]),
        .target(
            name: "CJansson", dependencies: ["CLoader"], linkerSettings: [.linkedLibrary("jansson", .when(platforms: [.macOS, .windows]))]),
        .target(
            name: "CCrypto", dependencies: ["CLoader"], linkerSettings: [.linkedLibrary("crypto", .when(platforms: [.macOS, .windows]))]),
        .target(
            name: "CExpat", dependencies: ["CLoader"], linkerSettings: [.linkedLibrary("expat", .when(platforms: [.macOS, .windows]))]),
        .target(name: "CZlib", dependencies: ["CLoader"], linkerSettings: [.linkedLibrary("z", .when(platforms: [.macOS, .windows]))]),
        .target(name: "CSystem", linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
        .target(name: "CMicrohttpd", linkerSettings: [.linkedLibrary("microhttpd")]),

        // The core.
        .target(name: "SlipwayJSON", dependencies: ["CJansson"], swiftSettings: lean),
        .target(name: "SlipwayHTTP", dependencies: ["CCurl", "CLoader", "CSystem", "SlipwayJSON"], swiftSettings: lean),
        .target(
            name: "Slipway", dependencies: ["CCrypto", "CExpat", "CSystem", "CZlib", "SlipwayHTTP", "SlipwayJSON"], swiftSettings: lean),
        .target(
            name: "SlipwayABI",
            dependencies: ["Slipway", "CSlipway", "CSystem"],
            exclude: ["exports.map"],
            swiftSettings: lean,
            linkerSettings: [
                // One self-contained file: Swift's runtime inside, the header's functions outside, and never unloaded,
                // since threads of ours may still be running when a host says dlclose.
                .unsafeFlags(
                    [
                        "-static-stdlib", "-use-ld=lld",
                        "-Xlinker", "--version-script=Sources/SlipwayABI/exports.map",
                        "-Xlinker", "-soname=libslipway.so.0",
                        "-Xlinker", "-z", "-Xlinker", "nodelete",
                        "-Xlinker", "--gc-sections",
                        // The runtime does nothing to the host when it is loaded: csystem_runtime.c.
                        "-Xlinker", "--wrap=_swift_installCrashHandler",
                        "-Xlinker", "--wrap=_ZN5swift7runtime11environment10initializeEPv",
                    ], .when(platforms: [.linux]))
            ]),

        // The stand-in of the services.
        .target(
            name: "SlipwayEmulator", dependencies: ["CMicrohttpd", "CCurl", "SlipwayJSON"], exclude: ["README.md"],
            swiftSettings: swift),
        .executableTarget(
            name: "SlipwayEmulatorCommand",
            dependencies: ["SlipwayEmulator", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: swift),

        // Signs what a test tells it to, line by line, to be compared with botocore.
        .executableTarget(
            name: "SigningProbe", dependencies: ["Slipway", "SlipwayJSON"], path: "Tests/SigningProbe", swiftSettings: swift),

        .testTarget(
            name: "CLoaderTests", dependencies: ["CLoader", "CCrypto", "CCurl", "CExpat", "CJansson", "CZlib"], swiftSettings: swift),
        .testTarget(name: "SlipwayJSONTests", dependencies: ["SlipwayJSON"], swiftSettings: swift),
        .testTarget(name: "SlipwayHTTPTests", dependencies: ["SlipwayHTTP"], swiftSettings: swift),
        .testTarget(name: "SlipwayTests", dependencies: ["Slipway"], swiftSettings: swift),
    ] + fuzzing,
    swiftLanguageModes: [.v6]
)
