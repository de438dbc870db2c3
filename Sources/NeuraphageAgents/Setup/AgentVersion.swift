// The version of an installed agent. Which events it can be asked about depends on it: an old Claude Code skips a whole
// settings file for one event that it does not know.

import NeuraphageTasks

/// A version such as 2.1.332.
package struct AgentVersion: Comparable, Sendable, CustomStringConvertible {
    private let major: Int
    private let minor: Int
    private let patch: Int

    init(_ major: Int, _ minor: Int, _ patch: Int) {
        (self.major, self.minor, self.patch) = (major, minor, patch)
    }

    /// The version that an agent prints when it is asked for it: `2.1.332 (Claude Code)`, or `codex-cli 0.163.0`; `nil` if no
    /// line says so. A preview of a version counts as that version.
    init?(of agent: Agent, in output: some StringProtocol) {
        let versions = output.split(whereSeparator: \.isNewline).compactMap { line -> AgentVersion? in
            let words = line.split(separator: " ")
            switch agent {
            case .claude: return words.dropFirst() == ["(Claude", "Code)"] ? AgentVersion(words[0]) : nil
            case .codex: return words.first == "codex-cli" && words.count == 2 ? AgentVersion(words[1]) : nil
            }
        }
        guard let version = versions.first else { return nil }
        self = version
    }

    private init?(_ word: some StringProtocol) {
        let parts = word.prefix { $0 != "-" && $0 != "+" }.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { $0.utf8.count < 10 && $0.utf8.allSatisfy(Self.isDigit) ? Int($0) : nil }
        guard parts.count == 3, numbers.count == 3 else { return nil }
        self.init(numbers[0], numbers[1], numbers[2])
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    package static func < (left: AgentVersion, right: AgentVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }

    package var description: String { "\(major).\(minor).\(patch)" }
}

/// What an agent says when it is asked for its version.
package enum VersionAnswer: Equatable, Sendable {
    case version(AgentVersion)
    /// Why it is not known, in words that follow "because".
    case unknown(String)

    var version: AgentVersion? {
        if case .version(let version) = self { version } else { nil }
    }
}
