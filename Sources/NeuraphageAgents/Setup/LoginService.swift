// The daemon at login: a systemd user unit on Linux, a launch agent on macOS. Only where the service manager answers:
// in a container or over a bare ssh session there is none, and the daemon is started by hand.

import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageSystem

/// The daemon as a service of the person's session.
struct LoginService {
    private static let mark = "np init made this, and np uninit takes it away."
    private static let unit = "neuraphage.service"
    private static let label = "neuraphage.daemon"

    /// The file that describes the service.
    let path: String
    let text: String
    private let np: InstalledProgram

    init(_ surroundings: Surroundings, np: InstalledProgram) {
        self.np = np
        #if canImport(Darwin)
        path = surroundings.home + "/Library/LaunchAgents/\(Self.label).plist"
        #else
        path = surroundings.path("XDG_CONFIG_HOME", orInHome: ".config") + "/systemd/user/\(Self.unit)"
        #endif
        text = Self.text(np.path, options: np.options)
    }

    /// Whether a file describes this service, of this np or of one that lies elsewhere.
    func isOurs(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        return text.contains(Self.mark) && text.contains(ending)
    }

    /// Whether a file is this one byte for byte, of this np or of one that lies elsewhere: nobody has edited it.
    func isUnedited(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.firstRange(of: ending)?.lowerBound else { return false }
        let path = Self.path(atTheEndOf: text[..<end])
        return Self.text(path, options: np.options).utf8.elementsEqual(bytes)
    }

    /// What stands behind np's path, up to the end of the command.
    private var ending: String {
        let words = ["daemon", "run"] + np.options
        #if canImport(Darwin)
        return "\n" + Self.launchArguments(words) + "\n    </array>"
        #else
        return " " + Self.systemdWords(words) + "\n"
        #endif
    }

    /// The directories, besides those of the file, that the service manager makes when the service is enabled.
    var directories: [String] {
        #if canImport(Darwin)
        []
        #else
        [path.parentDirectory + "/default.target.wants"]
        #endif
    }

    // MARK: - Text

    private static func text(_ path: String, options: [String]) -> String {
        #if canImport(Darwin)
        launchAgent([path, "daemon", "run"] + options)
        #else
        systemdUnit([path, "daemon", "run"] + options)
        #endif
    }

    /// The path that a text names last. What is no such text gives anything.
    private static func path(atTheEndOf text: Substring) -> String {
        let line = text.split(separator: "\n").last ?? ""
        #if canImport(Darwin)
        let word = line.drop { $0 == " " }.dropFirst("<string>".count).dropLast("</string>".count)
        return String(word).replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&amp;", with: "&")
        #else
        let word = line.dropFirst("ExecStart=".count).trimmingPrefix(":").trimmingPrefix("/usr/bin/env ")
        let bare = String(word.hasPrefix("\"") ? word.dropFirst().dropLast() : word)
        return bare.replacing("%%", with: "%").replacing(#"\""#, with: "\"").replacing(#"\\"#, with: #"\"#)
        #endif
    }

    static func systemdUnit(_ words: [String]) -> String {
        // systemd takes no quotes in the program's path, whatever stands around them.
        let isQuoted = words.first?.contains { #"'"\"#.contains($0) } ?? false
        // systemd before 244 doesn't know the colon, by which a dollar sign is one.
        let start =
            (words.contains { $0.contains("$") } ? ":" : "") + (isQuoted ? "/usr/bin/env " : "") + systemdWords(words)
        return """
            # \(mark)
            [Unit]
            Description=Neuraphage events: the flight recorder for coding agents

            [Service]
            Type=exec
            ExecStart=\(start)
            Restart=on-failure

            [Install]
            WantedBy=default.target

            """
    }

    /// Words as systemd.service(5) and systemd.syntax(7) have them.
    private static func systemdWords(_ words: [String]) -> String {
        words.map { word in
            var escaped = ""
            for character in word.unicodeScalars {
                if character == "\\" || character == "\"" { escaped += "\\" }
                if character == "%" { escaped += "%" }
                escaped.unicodeScalars.append(character)
            }
            let isPlain = escaped == word && !word.isEmpty && !word.contains { " ';".contains($0) }
            return isPlain ? word : "\"\(escaped)\""
        }.joined(separator: " ")
    }

    static func launchAgent(_ words: [String]) -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
        <!-- \(mark) -->
        <plist version="1.0">
        <dict>
            <key>Label</key>
            <string>\(label)</string>
            <key>ProgramArguments</key>
            <array>
        \(launchArguments(words))
            </array>
            <key>RunAtLoad</key>
            <true/>
            <key>KeepAlive</key>
            <dict>
                <key>SuccessfulExit</key>
                <false/>
            </dict>
        </dict>
        </plist>

        """
    }

    private static func launchArguments(_ words: [String]) -> String {
        let escapes: [Unicode.Scalar: String] = ["&": "&amp;", "<": "&lt;", ">": "&gt;"]
        return words.map { word in
            "        <string>\(word.unicodeScalars.map { escapes[$0] ?? String($0) }.joined())</string>"
        }.joined(separator: "\n")
    }

    // MARK: - The service manager

    /// Whether there is a service manager that answers.
    static func isPossible(_ surroundings: Surroundings) async -> Bool {
        #if canImport(Darwin)
        let answer = try? await Program.ask("launchctl", ["print", "gui/\(getuid())"])
        #else
        guard surroundings.program("systemctl") != nil else { return false }
        let answer = try? await Program.ask("systemctl", ["--user", "show-environment"])
        #endif
        return answer?.succeeded ?? false
    }

    /// Has the service started at each login, and now if it is wanted now.
    ///
    /// - Throws: ``OperationError`` with the service manager's words.
    func enable(startingNow: Bool) async throws(OperationError) {
        #if canImport(Darwin)
        if startingNow { try await Self.manage("launchctl", "bootstrap", "gui/\(getuid())", path) }
        #else
        try await Self.manage("systemctl", "--user", "daemon-reload")
        try await Self.manage("systemctl", "--user", "enable", Self.unit)
        if startingNow { try await Self.manage("systemctl", "--user", "start", Self.unit) }
        #endif
    }

    /// Has the service not started any more, and ends it.
    func disable() async throws(OperationError) {
        #if canImport(Darwin)
        try await Self.manage("launchctl", "bootout", "gui/\(getuid())/\(Self.label)")
        #else
        try await Self.manage("systemctl", "--user", "disable", "--now", Self.unit)
        #endif
    }

    /// Tells the service manager that the file has gone.
    func forget() async {
        #if !canImport(Darwin)
        _ = try? await Program.ask("systemctl", ["--user", "daemon-reload"])
        #endif
    }

    private static func manage(_ program: String, _ arguments: String...) async throws(OperationError) {
        let problem: String
        do throws(OperationError) {
            let answer = try await Program.ask(program, arguments)
            if answer.succeeded { return }
            // Both say first what was wrong, and then where to read more.
            problem = answer.error.split(separator: "\n").first.map(String.init) ?? answer.complaint
        } catch {
            problem = error.description
        }
        throw OperationError(.setup, "\(program) \(arguments.joined(separator: " ")) failed: \(problem)")
    }
}
