// swift-tools-version: 6.2
// The library under fuzzers and sanitizers, in a package of its own: users of the library never resolve what this needs,
// and this doesn't build what the daemon needs. The sources are links to those of the library.

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    ],
    targets: [
        .target(name: "CFileSystem"),
        .target(
            name: "NeuraphageEvents",
            dependencies: ["CFileSystem", .product(name: "Logging", package: "swift-log")],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "Fuzz",
            dependencies: ["NeuraphageEvents", .product(name: "HTTPTypes", package: "swift-http-types")],
            swiftSettings: settings
        ),
        .target(
            name: "TestSupport",
            dependencies: ["NeuraphageEvents"],
            path: "Tests/Support",
            swiftSettings: settings
        ),
        .testTarget(
            name: "NeuraphageEventsTests",
            dependencies: [
                "TestSupport",
                "NeuraphageEvents",
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
