// swift-tools-version: 6.2
// Targets are rooms: each uses only those above it, and the compiler rejects anything else. The picture of them is in
// ARCHITECTURE.md, and `.ci/arrows` compares the two.
//
// The library that people embed needs nothing but swift-log. What only the programs need is guarded by the trait `Tools`,
// so that a package that depends on this one with `traits: []` does not even resolve it.

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A product of another package that only the programs need.
func tool(_ name: String, _ package: String) -> Target.Dependency {
    .product(name: name, package: package, condition: .when(traits: ["Tools"]))
}

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
    name: "neuraphage",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "NeuraphageEvents", targets: ["NeuraphageEvents"]),
        .library(
            name: "NeuraphageCoordination",
            targets: [
                "NeuraphagePresentation", "NeuraphageSystem", "NeuraphageGit", "NeuraphageTasks", "NeuraphageWatching",
            ]
        ),
        .library(name: "NeuraphageDaemon", targets: ["NeuraphageDaemon"]),
        .executable(name: "np", targets: ["np"]),
        .executable(name: "np-daemon", targets: ["np-daemon"]),
    ],
    traits: [
        .default(enabledTraits: ["Tools"]),
        .trait(name: "Tools", description: "np, its daemon, and the libraries that they are made of."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0", traits: []),
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    ],
    targets: [
        .target(name: "CNeuraphagePlatform"),
        .target(name: "NeuraphagePlatform", swiftSettings: settings),
        .target(
            name: "NeuraphageEvents",
            dependencies: ["CNeuraphagePlatform", "NeuraphagePlatform", logging],
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
            name: "NeuraphageSystem",
            dependencies: [
                "CNeuraphagePlatform", "NeuraphagePlatform", "NeuraphageEvents", "NeuraphagePresentation",
                tool("Subprocess", "swift-subprocess"), tool("SystemPackage", "swift-system"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "NeuraphageProjections",
            dependencies: ["NeuraphagePlatform", "NeuraphageEvents", "NeuraphagePresentation", "NeuraphageSystem"],
            swiftSettings: settings
        ),
        .target(
            name: "NeuraphageGit",
            dependencies: ["NeuraphagePlatform", "NeuraphageEvents", "NeuraphagePresentation", "NeuraphageSystem"],
            swiftSettings: settings
        ),
        .target(
            name: "NeuraphageTasks",
            dependencies: [
                "NeuraphagePlatform", "NeuraphageEvents", "NeuraphagePresentation", "NeuraphageProjections",
                "NeuraphageSystem", "NeuraphageGit",
            ],
            swiftSettings: settings
        ),
        .target(
            name: "NeuraphageWatching",
            dependencies: [
                "NeuraphagePlatform", "NeuraphageEvents", "NeuraphagePresentation", "NeuraphageProjections",
                "NeuraphageSystem", "NeuraphageGit", "NeuraphageTasks",
            ],
            swiftSettings: settings
        ),
        .target(
            name: "NeuraphageStatus",
            dependencies: [
                "NeuraphagePlatform", "NeuraphageEvents", "NeuraphagePresentation", "NeuraphageProjections",
                "NeuraphageSystem", "NeuraphageGit", "NeuraphageTasks", "NeuraphageWatching",
            ],
            swiftSettings: settings
        ),
        .target(
            name: "NeuraphageAgents",
            dependencies: [
                "NeuraphagePlatform", "NeuraphageEvents", "NeuraphagePresentation", "NeuraphageSystem",
                "NeuraphageGit", "NeuraphageTasks", "NeuraphageWatching",
            ],
            swiftSettings: settings
        ),
        .target(
            name: "NeuraphageConfiguration",
            dependencies: [
                "NeuraphagePlatform", "NeuraphageEvents", "NeuraphagePresentation", "NeuraphageSystem",
            ],
            swiftSettings: settings
        ),
        .target(
            name: "NeuraphageDaemon",
            dependencies: [
                "NeuraphagePlatform", "NeuraphageEvents", "NeuraphagePresentation", "NeuraphageRequests",
                "NeuraphageProjections", "NeuraphageSystem", "NeuraphageTasks", "NeuraphageWatching",
                "NeuraphageStatus", logging,
                tool("HTTPTypes", "swift-http-types"), tool("HummingbirdCore", "hummingbird"),
                tool("NIOCore", "swift-nio"), tool("NIOHTTP1", "swift-nio"), tool("NIOPosix", "swift-nio"),
                tool("NIOHTTPTypes", "swift-nio-extras"), tool("ServiceLifecycle", "swift-service-lifecycle"),
            ],
            resources: [.embedInCode("openapi.json")],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "np-daemon",
            dependencies: [
                "NeuraphagePlatform", "NeuraphageEvents", "NeuraphagePresentation", "NeuraphageSystem",
                "NeuraphageConfiguration", "NeuraphageDaemon", logging,
                tool("ArgumentParser", "swift-argument-parser"), tool("ServiceLifecycle", "swift-service-lifecycle"),
                tool("UnixSignals", "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "np",
            dependencies: [
                "NeuraphagePlatform", "NeuraphageEvents", "NeuraphagePresentation", "NeuraphageRequests",
                "NeuraphageProjections", "NeuraphageSystem", "NeuraphageGit", "NeuraphageTasks", "NeuraphageWatching",
                "NeuraphageStatus", "NeuraphageAgents", "NeuraphageConfiguration", logging,
                tool("ArgumentParser", "swift-argument-parser"), tool("Subprocess", "swift-subprocess"),
                tool("SystemPackage", "swift-system"),
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
            name: "TestSupportTests",
            dependencies: ["TestSupport", "NeuraphageEvents"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "NeuraphageEventsTests",
            dependencies: [
                "TestSupport", "NeuraphagePlatform", "NeuraphageEvents", logging,
                .product(name: "InMemoryLogging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "NeuraphageRequestsTests",
            dependencies: ["TestSupport", "NeuraphageEvents", "NeuraphagePresentation", "NeuraphageRequests"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "NeuraphageCoordinationTests",
            dependencies: [
                "TestSupport", "NeuraphagePlatform", "NeuraphageEvents", "NeuraphagePresentation",
                "NeuraphageProjections", "NeuraphageSystem", "NeuraphageGit", "NeuraphageTasks", "NeuraphageWatching",
                "NeuraphageStatus", "NeuraphageAgents", "np", tool("Subprocess", "swift-subprocess"),
                tool("SystemPackage", "swift-system"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "NPTests",
            dependencies: [
                "TestSupport", "NeuraphagePlatform", "NeuraphageEvents", "NeuraphagePresentation",
                "NeuraphageProjections", "NeuraphageSystem", "NeuraphageStatus", "np",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "NeuraphageConfigurationTests",
            dependencies: [
                "TestSupport", "NeuraphageEvents", "NeuraphagePresentation", "NeuraphageSystem",
                "NeuraphageConfiguration",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "NeuraphageDaemonTests",
            dependencies: [
                "TestSupport", "NeuraphagePlatform", "NeuraphageEvents", "NeuraphagePresentation", "NeuraphageSystem",
                "NeuraphageDaemon", "np", "np-daemon", logging, tool("NIOCore", "swift-nio"),
                tool("ServiceLifecycle", "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AcceptanceTests",
            dependencies: [
                "TestSupport", "NeuraphagePlatform", "NeuraphageEvents", "np", "np-daemon",
                tool("Subprocess", "swift-subprocess"), tool("SystemPackage", "swift-system"),
            ],
            path: "Tests/Acceptance",
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
