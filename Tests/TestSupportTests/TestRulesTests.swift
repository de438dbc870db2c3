// What every test must keep to, so that none of them can hang the others: read from the sources.

import Foundation
import TestSupport
import Testing

@Suite("The sources of the tests", .apart)
struct TestRulesTests {
    private struct Rule {
        let pattern: String
        let advice: String
        /// Files in which it may stand, because they are the one place for it.
        var exceptions: [String] = []
        /// Whether it may stand in `within(…) { … }`, that is, in the line of that or in one of the two after it.
        var isAllowedWithin = false
    }

    private static let rules = [
        Rule(
            pattern: #"\b(usleep|nanosleep)\(|(?<![.\w])sleep\(|\b(Thread|Task|[Cc]lock)\.sleep\b|Task\.yield\(\)"#,
            advice: "wait with wait(for:until:), or be slow with takeTime(_:)",
            exceptions: ["Support/Waiting.swift"]
        ),
        Rule(
            pattern: #"\bDispatch(Queue|Group|Semaphore|WorkItem)\b|\bRunLoop\b"#,
            advice: "run what blocks with blocking(_:) or onThreads(_:_:)"
        ),
        Rule(
            pattern: #"\bProcess\(\)|\bProcess\.run\(|waitUntilExit|(?<!os\.)\bwaitpid\("#,
            advice: "start a process as a Child, or with Subprocess inside of within(_:_:)",
            exceptions: ["Support/Child.swift"]
        ),
        Rule(
            pattern: #"\.timeLimit\("#,
            advice: "it counts the time in which a test waits for its place: .apart(minutes:)"
        ),
        Rule(
            pattern: #"\.wait\(for: [\w.]+\) *\{"#,
            advice: "wait for a lock's value with wait(for:on:_:_:)",
            exceptions: ["Support/TestThreads.swift"]
        ),
        Rule(
            pattern: #"\buntil [^\n"]*; *do\b|\bwhile (:|\[(?! \$\w+ -lt )|true)[^\n]*; *do\b"#,
            advice: #"wait in a script with: sh -c "$UNTIL" CONDITION"#
        ),
        Rule(
            pattern: #"time\.sleep\((?!random)"#,
            advice: "wait in Python with until(condition, what)",
            exceptions: ["Support/Script.swift"]
        ),
        Rule(
            pattern: #"(?<![.\w])open\([^\n]*O_(?:RDONLY|WRONLY|RDWR)(?![^\n]*O_CLOEXEC)|\bpipe2?\(&"#,
            advice: "a process that another test starts must not inherit it: O_CLOEXEC, Pipe.closedOnExec()"
        ),
        Rule(
            pattern: #"\bawait \w+\.next\(\)|\bfor (?:try )?await\b(?! \w+ in group)"#,
            advice: "limit it with within(_:_:)",
            isAllowedWithin: true
        ),
    ]

    /// Tests.
    private static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Each file's path in Tests, and its lines.
    private func sources() throws -> [(path: String, lines: [String])] {
        let names = try #require(FileManager.default.enumerator(atPath: Self.directory.path))
        return try names.compactMap { $0 as? String }.filter {
            $0.hasSuffix(".swift") && !$0.hasSuffix("/TestRulesTests.swift")
        }
        .map { name in
            let text = try String(contentsOf: Self.directory.appendingPathComponent(name), encoding: .utf8)
            return (name, text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        }
    }

    @Test("wait with a limit in the one place for it, and block no thread that others need")
    func waiting() throws {
        let rules = try Self.rules.map { ($0, try NSRegularExpression(pattern: $0.pattern)) }
        for (path, lines) in try sources() {
            for (number, line) in lines.enumerated() {
                let whole = NSRange(line.startIndex..., in: line)
                for (rule, pattern) in rules where pattern.firstMatch(in: line, range: whole) != nil {
                    if rule.exceptions.contains(path) { continue }
                    let before = lines[max(0, number - 2)...number]
                    if rule.isAllowedWithin, before.contains(where: { $0.contains("within(") }) { continue }
                    Issue.record("Tests/\(path):\(number + 1): \(line.drop { $0 == " " }): \(rule.advice)")
                }
            }
        }
    }

    @Test("run every test apart, in a suite")
    func suites() throws {
        var count = 0
        for (path, lines) in try sources() {
            for (number, line) in lines.enumerated() {
                let place = "Tests/\(path):\(number + 1)"
                if line.hasPrefix("@Test") { Issue.record("\(place): put the test into a suite") }
                let type = line.split(separator: " ").drop { $0 == "final" }
                guard ["class", "struct", "actor", "enum"].contains(type.first),
                    type.dropFirst().first?.hasSuffix("Tests") == true
                else { continue }
                count += 1
                let attribute = number > 0 ? lines[number - 1] : ""
                let isApart = attribute.hasPrefix("@Suite(") && attribute.contains(/, \.apart(\(minutes: [0-9]+\))?\)$/)
                if !isApart { Issue.record("\(place): put @Suite(…, .apart) into the line above") }
            }
            let hasSuite = lines.contains { $0.hasPrefix("@Suite(") || $0.hasPrefix("extension ") }
            if !hasSuite, lines.contains(where: { $0.drop { $0 == " " }.hasPrefix("@Test") }) {
                Issue.record("Tests/\(path) has tests in a type that is not called …Tests")
            }
        }
        #expect(count > 50)
    }
}
