// Which checks a command line runs, and what its own end says of them.

import NeuraphageTasks
import TestSupport
import Testing

@testable import NeuraphageAgents

private struct Row: CustomTestStringConvertible, Sendable {
    let command: String
    /// What is told of it if it has succeeded, and if it has failed.
    let succeeded: [String]
    let failed: [String]

    init(_ command: String, _ succeeded: String..., failing failed: String...) {
        (self.command, self.succeeded, self.failed) = (command, succeeded, failed)
    }

    var testDescription: String { command }
}

private let rows: [Row] = [
    Row("make test", "make test passed", failing: "make test failed"),
    Row("make -j8 -C sub test", "make test passed", failing: "make test failed"),
    Row("CI=1 make test 2>&1", "make test passed", failing: "make test failed"),
    Row("cd 'a b' && swift test --filter X", "swift test passed", failing: "swift test failed"),
    Row("cd a; export B=c\nswift test", "swift test passed", failing: "swift test failed"),
    Row("swift test --filter 'a && b' # c | d", "swift test passed", failing: "swift test failed"),
    Row("python3 -m pytest -q tests", "pytest passed", failing: "pytest failed"),
    Row("uv run pytest", "pytest passed", failing: "pytest failed"),
    Row("timeout 300 cargo +nightly test --all", "cargo test passed", failing: "cargo test failed"),
    Row("env A=b nice -n5 go test ./...", "go test passed", failing: "go test failed"),
    Row("npm run test", "npm run test passed", failing: "npm run test failed"),
    Row("np lock build -- make test", "make test passed", failing: "make test failed"),
    Row("./gradlew -q test", "gradlew test passed", failing: "gradlew test failed"),
    Row("house check --all", "house check passed", failing: "house check failed"),
    Row("make test &> out", "make test passed", failing: "make test failed"),
    // Another command decides how the whole of it ends.
    Row("make test | tail -5", "make test unknown", failing: "make test unknown"),
    Row("make test || true", "make test unknown", failing: "make test unknown"),
    Row("make test; echo $?", "make test unknown", failing: "make test unknown"),
    Row("make test &", "make test unknown", failing: "make test unknown"),
    Row("make && make test", "make test passed", failing: "make test unknown"),
    Row("swift test && git push", "swift test passed", failing: "swift test unknown"),
    Row(
        "cargo check && cargo test",
        "cargo check passed",
        "cargo test passed",
        failing: "cargo check unknown",
        "cargo test unknown"
    ),
    // What only looks like one.
    Row("git commit -m 'make test'"), Row("echo make test"), Row("npm install test"), Row("maketest"), Row("make"),
    Row("make 'test"), Row(""), Row("&& || ;"), Row("swift"), Row("cat make test"), Row("# make test"),
]

@Suite("The list of checks", .apart)
struct CheckListTests {
    private let list = CheckList(adding: ["house check", ""])

    @Test(
        "names the checks of a command by their entries, and says what the command's end says of them",
        arguments: rows
    )
    fileprivate func commands(row: Row) {
        func told(_ hasSucceeded: Bool?) -> [String] {
            list.checks(in: row.command, hasSucceeded: hasSucceeded).map { "\($0.name) \($0.outcome)" }
        }
        #expect(told(true) == row.succeeded)
        #expect(told(false) == row.failed)
        #expect(told(nil).allSatisfy { $0.hasSuffix(" unknown") } && told(nil).count == row.succeeded.count)
    }

    @Test("survives any command line")
    func anything() {
        var generator = SystemRandomNumberGenerator()
        let pieces = [
            "make", "test", " ", "&", "|", ";", "'", "\"", "\\", ">", "<", "(", ")", "\n", "#", "=", "é", "np", "--",
        ]
        for _ in 0..<20_000 {
            let line = (0..<Int.random(in: 0..<12)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            for check in list.checks(in: line, hasSucceeded: true) { #expect(check.name == "make test") }
        }
    }
}
