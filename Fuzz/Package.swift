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
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    ],
    targets: [
        .target(name: "CNeuraphagePlatform"),
        .target(name: "NeuraphagePlatform", swiftSettings: settings),
        .target(
            name: "NeuraphageEvents",
            dependencies: [
                "CNeuraphagePlatform", "NeuraphagePlatform", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "NeuraphagePresentation",
            dependencies: ["NeuraphagePlatform", "NeuraphageEvents"],
            swiftSettings: settings
        ),
        .target(
            name: "NeuraphageRequests",
            dependencies: ["NeuraphageEvents", "NeuraphagePresentation"],
            swiftSettings: settings
        ),
        .target(
            name: "NeuraphageProjections",
            dependencies: ["NeuraphageEvents", "NeuraphagePresentation"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "CNeuraphagePlatform", "NeuraphagePlatform", "NeuraphageEvents", "NeuraphagePresentation",
                "NeuraphageRequests", "NeuraphageProjections",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "TestSupport",
            dependencies: ["NeuraphagePlatform", "NeuraphageEvents"],
            path: "Tests/Support",
            swiftSettings: settings
        ),
        .testTarget(
            name: "NeuraphageEventsTests",
            dependencies: [
                "TestSupport", "NeuraphagePlatform", "NeuraphageEvents",
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "NeuraphageRequestsTests",
            dependencies: ["TestSupport", "NeuraphageEvents", "NeuraphagePresentation", "NeuraphageRequests"],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
