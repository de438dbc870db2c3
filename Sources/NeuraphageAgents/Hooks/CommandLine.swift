// A command line as an agent types it, cut into its simple commands. It is not run and not expanded, so what only a shell
// could know of it is left alone. Pure.

/// The simple commands of a command line, and how they hang together.
struct CommandLine: Equatable {
    /// What follows a simple command.
    enum Joint: Equatable {
        case end
        /// `&&`: the next one is run if this one has succeeded.
        case and
        /// `;`, a line break, `||`, `|`, `&`: how this one ended doesn't show in how all of it ends.
        case other
    }

    struct Command: Equatable {
        var words: [String] = []
        var joint = Joint.end
    }

    private(set) var commands: [Command] = []

    init(_ text: String) {
        var scanner = Scanner()
        for character in text.unicodeScalars { scanner.take(character) }
        commands = scanner.finished()
    }

    /// The state of reading a command line, a character at a time.
    private struct Scanner {
        private var commands: [Command] = []
        private var words: [String] = []
        private var word = ""
        private var isWord = false
        private var quote: Unicode.Scalar?
        private var isEscaped = false
        private var isComment = false
        /// The operator that may go on with the next character.
        private var pending: Unicode.Scalar?

        mutating func take(_ character: Unicode.Scalar) {
            if isComment, character != "\n" { return }
            isComment = false
            if isEscaped {
                isEscaped = false
                if character != "\n" { add(character) }
            } else if let quote {
                if character == quote {
                    self.quote = nil
                } else if character == "\\", quote == "\"" {
                    isEscaped = true
                } else {
                    add(character)
                }
            } else {
                takeUnquoted(character)
            }
        }

        private mutating func takeUnquoted(_ character: Unicode.Scalar) {
            let operation = pending
            pending = nil
            switch character {
            case "&", "|":
                // `2>&1`, `>&2`, `&>` and `>|` send output elsewhere.
                if isWord, word.last == ">" || word.last == "<" { return add(character) }
                if operation == character {
                    commands[commands.count - 1].joint = character == "&" ? .and : .other
                } else if operation == nil {
                    endCommand(.other)
                    pending = character
                }
            case ">" where operation == "&":
                // It was the beginning of `&>`.
                reopen()
                add(character)
            case ";", "\n", "(", ")":
                endCommand(.other)
            case "\"", "'":
                quote = character
                isWord = true
            case "\\": isEscaped = true
            case "#" where !isWord: isComment = true
            case " ", "\t", "\r": endWord()
            default: add(character)
            }
        }

        private mutating func add(_ character: Unicode.Scalar) {
            word.unicodeScalars.append(character)
            isWord = true
        }

        private mutating func endWord() {
            if isWord { words.append(word) }
            (word, isWord) = ("", false)
        }

        private mutating func endCommand(_ joint: Joint) {
            endWord()
            if !words.isEmpty {
                commands.append(Command(words: words, joint: joint))
            } else if let last = commands.indices.last, commands[last].joint == .end {
                commands[last].joint = joint
            } else if commands.isEmpty {
                commands.append(Command(joint: joint))
            }
            words = []
        }

        private mutating func reopen() {
            if let last = commands.popLast() { words = last.words }
        }

        mutating func finished() -> [Command] {
            let isOpen = quote != nil || isEscaped
            endWord()
            if !words.isEmpty { commands.append(Command(words: words)) }
            // The last operator may have nothing after it.
            return isOpen ? [] : commands.filter { !$0.words.isEmpty }
        }
    }
}
