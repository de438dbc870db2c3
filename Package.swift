// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "neuraphage",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "NeuraphageEvents", targets: ["NeuraphageEvents"]),
        .library(name: "NeuraphageCoordination", targets: ["NeuraphageCoordination"]),
        .library(name: "NeuraphageDaemon", targets: ["NeuraphageDaemon"]),
        .executable(name: "np", targets: ["np"]),
        .executable(name: "np-daemon", targets: ["np-daemon"]),
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
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    ],
    targets: [
        .target(name: "CFileSystem"),
        .target(
            name: "NeuraphageEvents",
            dependencies: ["CFileSystem", .product(name: "Logging", package: "swift-log")],
            swiftSettings: settings
        ),
        .target(
            name: "NeuraphageCoordination",
            dependencies: [
                "NeuraphageEvents",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "NeuraphageConfiguration",
            dependencies: ["NeuraphageEvents", .product(name: "TOMLKit", package: "TOMLKit")],
            swiftSettings: settings
        ),
        .target(
            name: "NeuraphageDaemon",
            dependencies: [
                "NeuraphageCoordination",
                "NeuraphageEvents",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            resources: [.embedInCode("openapi.json")],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "np-daemon",
            dependencies: [
                "NeuraphageConfiguration",
                "NeuraphageDaemon",
                "NeuraphageEvents",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "np",
            dependencies: [
                "NeuraphageEvents",
                "NeuraphageCoordination",
                "NeuraphageConfiguration",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "TestSupport",
            dependencies: ["NeuraphageEvents"],
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
                "TestSupport",
                "NeuraphageEvents",
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "NeuraphageCoordinationTests",
            dependencies: [
                "TestSupport",
                "NeuraphageCoordination",
                "NeuraphageEvents",
                "np",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "NeuraphageConfigurationTests",
            dependencies: ["TestSupport", "NeuraphageConfiguration", "NeuraphageEvents"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "NeuraphageDaemonTests",
            dependencies: [
                "TestSupport", "NeuraphageDaemon", "NeuraphageEvents", "np", "np-daemon",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AcceptanceTests",
            dependencies: [
                "TestSupport",
                "np",
                "np-daemon",
                "NeuraphageEvents",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/Acceptance",
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
