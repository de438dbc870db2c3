// swift-tools-version: 6.2
// A package of somebody who embeds the library: it depends on ours by its URL and asks for none of its traits. `run` copies
// it out of the tree, says where ours is, and links the library's tests beside it, which then run as they do here.

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]
/// The library's tests read what the library shares with its own package only. They pass for a part of it.
let inside = settings + [.unsafeFlags(["-package-name", "neuraphage"])]

let events = Target.Dependency.product(name: "NeuraphageEvents", package: "neuraphage")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
    name: "embedder",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(
            url: Context.environment["NEURAPHAGE_URL"] ?? "",
            revision: Context.environment["NEURAPHAGE_REVISION"] ?? "",
            traits: []
        ),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    ],
    targets: [
        .executableTarget(name: "Embedder", dependencies: [events], swiftSettings: settings),
        .target(
            name: "TestSupport",
            dependencies: [events],
            path: "Tests/Support",
            packageAccess: false,
            swiftSettings: inside
        ),
        .testTarget(
            name: "NeuraphageEventsTests",
            dependencies: [
                "TestSupport", events, logging, .product(name: "InMemoryLogging", package: "swift-log"),
            ],
            packageAccess: false,
            swiftSettings: inside
        ),
    ],
    swiftLanguageModes: [.v6]
)
