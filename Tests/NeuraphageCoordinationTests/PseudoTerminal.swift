// A terminal with somebody who waits for words and answers them.

import Subprocess

/// Runs a program under a pseudo-terminal of its own session and types into it.
struct PseudoTerminal {
    /// Waits until `text` has appeared, then types `keys`.
    struct Step {
        let text: String
        let keys: String

        init(_ text: String, _ keys: String) {
            self.text = text
            self.keys = keys
        }
    }

    /// Prints what the terminal showed, and how the program ended: `exited 0`, `killed 2`, or what it waited for in vain.
    private static let driver = """
        import fcntl, os, pty, select, signal, struct, sys, termios, time
        steps = [(sys.argv[i], sys.argv[i + 1]) for i in range(2, 2 + 2 * int(sys.argv[1]), 2)]
        command = sys.argv[2 + 2 * len(steps):]
        pid, terminal = pty.fork()
        if pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            os.execvp(command[0], command)
        shown, seen, deadline, awaited = b"", 0, time.monotonic() + 100, ""
        def read():
            global shown
            if not select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
                os.kill(pid, signal.SIGKILL)
                os.close(terminal)
                print(repr(shown), "\\nwaited 100 s for", awaited)
                sys.exit(1)
            try:
                data = os.read(terminal, 65536)
            except OSError:
                data = b""
            shown += data
            return data
        for text, keys in steps:
            awaited = f"the text {text!r}"
            while text.encode() not in shown[seen:]:
                if not read(): break
            seen = max(seen, shown.find(text.encode(), seen) + len(text.encode()))
            try:
                os.write(terminal, keys.encode())
            except OSError:
                break
        awaited = "the end of the program"
        while read(): pass
        status = os.waitpid(pid, 0)[1]
        sys.stdout.buffer.write(shown + b"\\n")
        sys.stdout.flush()
        print("exited %d" % os.WEXITSTATUS(status) if os.WIFEXITED(status) else "killed %d" % os.WTERMSIG(status))
        """

    /// - Returns: What the terminal showed, and in the last line how the program ended.
    static func run(_ np: NPProcess, _ command: [String], _ steps: Step...) async throws -> [String] {
        let arguments = [String(steps.count)] + steps.flatMap { [$0.text, $0.keys] } + command
        let outcome = try await np.start("/usr/bin/env", ["python3", "-c", driver] + arguments)
        return (outcome.output + outcome.error).split(whereSeparator: \.isNewline).map(String.init)
    }
}
