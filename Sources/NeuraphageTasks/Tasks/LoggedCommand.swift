// What the log says of a command's words. A command that runs a coding agent has a prompt among them, and a prompt is never
// logged: of such a command the log has the program and the names of its options.
//
// Where the prompt is, only the agent knows, and a shell may build it from anything. So from the first word that names an
// agent on, nothing is kept but what has the form of an option's name, and a text that a shell may run is left out whole if
// it mentions an agent. An agent that is not in the table is a command like any other.

import NeuraphageEvents
import NeuraphagePresentation

/// A command as the log has it.
enum LoggedCommand {
    /// Coding agents that take a prompt as an argument: what their programs are called, with the words after the program
    /// that say what it is to do.
    private static let agents: [String: Set<String>] = [
        "claude": ["mcp", "update", "doctor", "agents"], "claude-code": [], "codex": ["exec", "e", "resume", "review"],
        "gemini": ["mcp"], "gemini-cli": [], "qwen": [], "qwen-code": [], "aider": [], "aider-chat": [],
        "opencode": ["run"],
        "opencode-ai": ["run"], "cursor-agent": ["resume"], "copilot": [], "amp": ["threads"],
        "goose": ["run", "session"],
        "crush": ["run"], "droid": ["exec"], "auggie": [], "kimi": [], "kiro-cli": ["chat"], "openhands": [],
        "plandex": ["tell"],
        "cline": [], "grok": [], "vibe": [], "continue": [], "cn": [],
    ]

    /// What stands in the place of words that are left out.
    private static let mark = "…"

    /// The words as a person would type them, without what an agent is asked. What is not UTF-8 is repaired.
    static func line(_ words: [[UInt8]]) -> String {
        let words = words.map { String(decoding: $0, as: UTF8.self) }
        guard let first = words.firstIndex(where: mentionsAgent) else {
            return words.map(ShellWord.quoted).joined(separator: " ")
        }
        var kept = words[..<first].map(wordBeforeAgent) + [agentWord(words[first])]
        var rest = words[(first + 1)...]
        if let agent = name(of: words[first]), let subcommand = rest.first, agents[agent]?.contains(subcommand) ?? false
        {
            kept.append(subcommand)
            rest.removeFirst()
        }
        let options = rest.prefix { $0 != "--" }
        kept += options.map { optionName($0) ?? mark }
        if options.count < rest.count { kept.append(mark) }
        // One mark for any number of words.
        let shown = kept.indices.filter { $0 == 0 || kept[$0] != mark || kept[$0 - 1] != mark }
        return shown.map { kept[$0] }.joined(separator: " ")
    }

    /// Whether a word is an agent's program, or a text in which one is mentioned.
    private static func mentionsAgent(_ word: String) -> Bool {
        word.split { !isOfName($0) }.contains { name(of: String($0)) != nil }
    }

    /// The agent whose program or package a word is: the last part of a path, without a version and a script's ending.
    private static func name(of word: String) -> String? {
        let parts = word.lowercased().split(separator: "/")
        guard let last = parts.last else { return nil }
        var program = last.prefix { $0 != "@" && $0 != ":" }
        for ending in [".exe", ".cmd", ".js", ".mjs", ".cjs", ".py", ".sh"] where program.hasSuffix(ending) {
            program = program.dropLast(ending.count)
        }
        if agents[String(program)] != nil { return String(program) }
        // A script somewhere in an agent's package, such as node_modules/@anthropic-ai/claude-code/cli.js.
        return parts.dropLast().map(String.init).last { agents[$0] != nil && $0.contains("-") }
    }

    private static func isOfName(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "-_./@:+".contains(character)
    }

    /// The word that names the agent: itself, or no more than the agent's name if it is a text.
    private static func agentWord(_ word: String) -> String {
        if word.allSatisfy(isOfName) { return ShellWord.quoted(word) }
        if word.contains("="), !word.contains(where: \.isWhitespace) { return wordBeforeAgent(word) }
        let agent = word.split { !isOfName($0) }.lazy.compactMap { name(of: String($0)) }.first ?? ""
        return ShellWord.quoted("\(agent) \(mark)")
    }

    /// A word before the agent: wrappers and their options stay; a shell's text and the value of a variable may be a part of
    /// the prompt.
    private static func wordBeforeAgent(_ word: String) -> String {
        if let equals = word.firstIndex(of: "="), equals > word.startIndex {
            let name = word[..<equals]
            return name.allSatisfy(isOfName) ? "\(name)=\(mark)" : mark
        }
        return word.allSatisfy { isOfName($0) || $0 == "," || $0 == "%" } ? ShellWord.quoted(word) : mark
    }

    /// The name of the option that a word is; `nil` if it is something else. A value may follow a letter at once.
    private static func optionName(_ word: String) -> String? {
        let name = word.prefix { $0 != "=" }
        if name.hasPrefix("--") {
            let letters = name.dropFirst(2)
            let isName =
                letters.count <= 40 && letters.first.map { ("a"..."z").contains($0) } ?? false
                && letters.allSatisfy { $0 == "-" || ("a"..."z").contains($0) || ("0"..."9").contains($0) }
            return isName ? String(name) : nil
        }
        guard name.hasPrefix("-"), let letter = name.dropFirst().first, letter.isASCII, letter.isLetter,
            name.dropFirst().allSatisfy({ $0.isASCII && !$0.isWhitespace })
        else { return nil }
        return "-\(letter)"
    }
}
