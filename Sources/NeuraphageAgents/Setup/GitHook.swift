// The one git hook: reference-transaction, which git runs for every change of any branch in any worktree. It must cost
// next to nothing: a shell that reads a line and ends, unless a branch has moved.
//
// Somebody else's hook is put aside and run first, with the same arguments, the same input, and the say over the
// transaction that git gives it.

import NeuraphagePresentation

/// The text of the hook.
struct GitHook {
    static let name = "reference-transaction"
    /// What is put behind the name of the hook that was there before.
    static let aside = ".before-np"
    static let permissions: UInt32 = 0o755

    private static let mark = "# np init put this hook here, and np uninit takes it away."

    private let np: InstalledProgram
    private let call: String
    let text: String

    init(np: InstalledProgram) {
        self.np = np
        call = #""$np" hook git"# + np.optionText + " reference-transaction committed </dev/null >/dev/null 2>&1"
        text = #"""
            #!/bin/sh
            \#(Self.mark) It tells np that a branch has moved.
            # The hook that was here before lies beside it, with \#(Self.aside) behind its name, and is run first.
            np=\#(ShellWord.quoted(np.path))

            if [ -x "$0\#(Self.aside)" ]; then
                updates=$(cat)
                if [ -n "$updates" ]; then
                    printf '%s\n' "$updates" 2>/dev/null | "$0\#(Self.aside)" "$@"
                else
                    "$0\#(Self.aside)" "$@" </dev/null
                fi || exit
                [ "$1" = committed ] || exit 0
                case $updates in
                    *' refs/heads/'* | *' refs/remotes/'*) ;;
                    *) exit 0 ;;
                esac
            else
                [ "$1" = committed ] || exit 0
                lines=0
                while IFS=' ' read -r old new reference; do
                    lines=$((lines + 1))
                    case $reference in refs/heads/* | refs/remotes/*) break ;; esac
                    [ $lines -lt 100 ] || break  # a shell reads slowly: let np look
                    reference=
                done
                [ -n "$reference" ] || exit 0
            fi
            [ -x "$np" ] && exec \#(call)
            exit 0

            """#
    }

    /// Whether a file is this hook, of this np or of one that lies elsewhere.
    func isOurs(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        return text.contains(Self.mark) && text.contains(" " + call + "\n")
    }

    /// Whether a file is this hook byte for byte, of this np or of one that lies elsewhere: nobody has edited it.
    func isUnedited(_ bytes: [UInt8]) -> Bool {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard let word = lines.first(where: { $0.hasPrefix("np=") })?.dropFirst("np=".count) else { return false }
        let path = word.hasPrefix("'") ? word.dropFirst().dropLast().replacing(#"'\''"#, with: "'") : word
        guard let maker = try? InstalledProgram(path: String(path), options: np.options) else { return false }
        return GitHook(np: maker).text.utf8.elementsEqual(bytes)
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
