// The git hooks: those that git runs once for a command that has moved a branch. Git doesn't wait for np: a shell decides
// with what is built into it, and leaves the rest to the background.
//
// Two hooks are not used, because what git runs many times makes it slow, even if it only says `exit 0`. It runs
// reference-transaction twice for each reference that it fetches, which makes a fetch of 1,000 references four times as
// long, and post-commit for each commit of a rebase, which makes one of ten 1.2 times as long. What no hook tells of (a
// commit, a fetch, a reset) is found by the next look: an agent's next prompt starts one.

import NeuraphagePresentation
import NeuraphageWatching

/// The text of the hooks, which is the same for all.
struct GitHook {
    static let names = [
        "post-merge", "post-rewrite", "post-checkout", "post-applypatch", "post-receive",
    ]
    /// The one that np installed before, and that np init takes away.
    static let formerName = "reference-transaction"
    /// What is put after the name of the hook that was there before.
    static let aside = ".before-np"
    static let permissions: UInt32 = 0o755

    private static let mark = InitializedRepositories.hookMark

    private let np: InstalledProgram
    private let data: String
    private let call: String
    let text: String

    /// - Parameter data: The data directory of the np that is to look.
    init(np: InstalledProgram, data: String) {
        self.np = np
        self.data = data
        call = #""$np" hook git"# + np.optionText + " "
        let place = ShellWord.quoted(data)
        let isFixed = np.options.contains("--data-dir")
        text = #"""
            #!/bin/sh
            \#(Self.mark) It tells np that a branch has moved.
            # The hook that was here before is beside it, with \#(Self.aside) after its name, and is run first.
            np=\#(ShellWord.quoted(np.path))
            data=\#(isFixed ? place : "${NP_DATA_DIR:-\(place)}")

            look() {
                git=${GIT_DIR:-.git}
                if [ -f "$git" ]; then
                    IFS= read -r line <"$git"
                    git=${line#gitdir: }
                fi
                case ${0##*/} in
                    post-checkout) [ "$3" = 1 ] || return 0 ;;  # files only
                esac
                if [ -f "$git/commondir" ]; then
                    IFS= read -r line <"$git/commondir"
                    case $line in /*) git=$line ;; *) git=$git/$line ;; esac
                fi
                [ -f "$git/neuraphage" ] || return 0  # np has never been here
                read -r id <"$git/neuraphage"
                id=${id#*'"id":"'}
                id=${id%%'"'*}
                # A process that watches, or is about to look, sees what has happened.
                for process in "$data/looks/$id.watching" "$data/looks/$id.looking"; do
                    [ -f "$process" ] && read -r pid start <"$process" && [ -f "/proc/$pid/stat" ] || continue
                    read -r line 2>/dev/null <"/proc/$pid/stat" || continue
                    set -- ${line##*") "}
                    [ "${20}" != "$start" ] || return 0
                done
                if [ -x "$np" ]; then \#(call)"$0" </dev/null >/dev/null 2>&1 & fi
            }

            status=0
            if [ -x "$0\#(Self.aside)" ]; then
                "$0\#(Self.aside)" "$@" || status=$?
            fi
            look "$@"
            exit $status

            """#
    }

    /// Whether a hook may be put aside and be run under another name: not if it asks for its name, as those of husky do.
    static func canBePutAside(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        return !["$0", "${0", "BASH_SOURCE", "__FILE__", "argv[0]", "PROGRAM_NAME"].contains(where: text.contains)
    }

    /// Whether a file is this hook, of this np or of one that lies elsewhere.
    func isOurs(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        return text.contains(Self.mark) && text.contains(" " + call)
    }

    /// Whether a file is this hook byte for byte, of this np or of one that lies elsewhere: nobody has edited it.
    func isUnedited(_ bytes: [UInt8]) -> Bool {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard let word = lines.first(where: { $0.hasPrefix("np=") })?.dropFirst("np=".count) else { return false }
        let path = word.hasPrefix("'") ? word.dropFirst().dropLast().replacing(#"'\''"#, with: "'") : word
        guard let maker = try? InstalledProgram(path: String(path), options: np.options) else { return false }
        return GitHook(np: maker, data: data).text.utf8.elementsEqual(bytes)
    }
}

/// Lines in `info/exclude` that keep our files out of `git status`.
enum ExcludeLines {
    /// The line that excludes a file of a worktree.
    ///
    /// - Parameter path: The file, from the worktree's top.
    static func line(for path: String) -> String {
        var line = "/"
        for character in path.unicodeScalars {
            if #"*?[\ "#.unicodeScalars.contains(character) { line += #"\"# }
            line.unicodeScalars.append(character)
        }
        return line
    }

    /// The file with lines added at its end.
    static func adding(_ lines: [String], to bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        if let last = bytes.last, last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
        for line in lines where !has(line, bytes) { bytes += (line + "\n").utf8 }
        return bytes
    }

    /// The file without these lines.
    static func removing(_ lines: [String], from bytes: [UInt8]) -> [UInt8] {
        let unwanted = Set(lines.map { Array($0.utf8) })
        let kept = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .filter { !unwanted.contains(Array($0)) }
        return Array(kept.joined(separator: [UInt8(ascii: "\n")]))
    }

    static func has(_ line: String, _ bytes: [UInt8]) -> Bool {
        bytes.split(separator: UInt8(ascii: "\n")).contains { $0.elementsEqual(line.utf8) }
    }
}
