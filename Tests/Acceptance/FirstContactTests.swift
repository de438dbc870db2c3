// What somebody sees who has just found np, or has no events yet.

import TestSupport
import Testing

@Suite("A newcomer", .apart)
struct FirstContactTests {
    let home: Home

    init() throws { home = try Home() }

    @Test("is told whether there is no log, an empty log, or no match")
    func threeMessages() async throws {
        let none = try await home.np("events")
        #expect(none.errorLines.count == 1)
        #expect(none.err.contains("no log yet") && none.err.contains(home.log))
        try home.write("", to: home.log)
        let empty = try await home.np("events")
        #expect(empty.errorLines == ["np: there are no events in \(home.log)"])
        let emptyFiltered = try await home.np("events", "-t", "x")
        #expect(emptyFiltered.errorLines == ["np: no events match"])
        try home.write(log: Sample.log)
        let noMatch = try await home.np("events", "-t", "eg-abc123", "-k", "NudgeSent")
        #expect(noMatch.errorLines == ["np: no events match"])
        let noTask = try await home.np("events", "-t", "eg-abc124")
        #expect(noTask.errorLines == ["np: there is no task 'eg-abc124'", "hint: did you mean 'eg-abc123'?"])
        #expect(noTask.status == 64 && noTask.out == "")
        for result in [none, empty, emptyFiltered, noMatch] { #expect(result.out == "" && result.status == 0) }
    }

    @Test("gets the header of csv, and nothing of the other formats, where there are no events")
    func nothing() async throws {
        #expect(try await home.np("events", "-o", "csv").out == "id,timestamp,kind,source_task,target_task,payload\n")
        for format in ["text", "json", "raw"] { #expect(try await home.np("events", "-o", format).out == "") }
    }

    @Test("gets version and help as a result")
    func help() async throws {
        let version = try await home.np("--version")
        #expect(version.out.wholeMatch(of: /np \d+\.\d+\.\d+.*\n/) != nil && version.err == "" && version.status == 0)
        for arguments in [
            ["--help"], ["-h"], ["help"], ["events", "--help"], ["emit", "--help"], ["run", "--help"],
            ["demo", "--help"],
        ] {
            let result = try await home.run(Home.np, arguments)
            #expect(result.out.contains("USAGE: np") && result.err == "" && result.status == 0, "\(arguments)")
        }
        let all = try await home.np("--help").out
        for name in ["events", "emit", "run", "demo"] { #expect(all.contains("  \(name)  ")) }
        let events = try await home.np("events", "--help").out
        for option in ["-t, --task", "-k, --kind", "-S, --since", "-f, --follow", "-o, --output"] {
            #expect(events.contains(option))
        }
    }

    @Test("is offered the tasks of the log behind --task, and the kinds behind --kind")
    func completionOfWords() async throws {
        for task in ["eg-abc123", "eg-zzz"] { try await home.np("emit", "TaskStarted", "--task", task) }
        let offers = try await home.shell(
            #"""
            np() { "$NP" "$@"; }
            eval "$("$NP" --generate-completion-script bash)"
            function=$(complete -p np | sed 's/.*-F \([^ ]*\).*/\1/')
            offers() {
                COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMPREPLY=()
                COMP_POINT=${#COMP_LINE}
                "$function" "$NP" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                echo "${COMPREPLY[@]}"
            }
            offers "$NP" events --task eg-a
            offers "$NP" events --kind Reb
            """#
        )
        #expect(offers.lines == ["eg-abc123", "RebaseRequired RebaseCompleted RebaseConflict"], "\(offers.err)")
    }

    @Test(
        "gets completions that the shell can read, which know commands and kinds",
        arguments: ["bash", "zsh", "fish"]
    )
    func completions(shell: String) async throws {
        let result = try await home.np("--generate-completion-script", shell)
        #expect(result.status == 0)
        #expect(result.out.contains("RebaseRequired") && result.out.contains("events"))
        // Only bash is sure to be there.
        let check = try await home.shell(
            "command -v \(shell) > /dev/null || exit 0; \(shell) -n /dev/stdin",
            input: result.out
        )
        #expect(check.status == 0, "\(check.err)")
    }

    @Test("gets one answer for a mistyped file or command")
    func mistyped() async throws {
        let result = try await home.np("events", "prnue")
        #expect(result.status == 1)
        #expect(result.err.contains("no file 'prnue'") && result.err.contains("no subcommand"))
    }
}
