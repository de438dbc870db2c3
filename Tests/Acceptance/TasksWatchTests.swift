// np --watch on a terminal: what it writes while things happen, and how it leaves the terminal.

import TestSupport
import Testing

@Suite("np --watch", .apart)
struct TasksWatchTests {
    let home: Home

    init() throws { home = try Home() }

    /// A terminal with np in it, which a shell runs that goes on with it once it was stopped. `until(text)` returns what
    /// came before the text.
    private static let driver = """
        import fcntl, os, pty, select, signal, struct, subprocess, sys, termios, time
        NP, shown, seen = os.environ["NP"], b"", 0
        pid, terminal = pty.fork()
        if pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            words = 'set -m; "$NP" --watch "$@"; code=$?; [ $code -lt 147 ] || { echo stopped; fg; code=$?; }; exit $code'
            os.execvp("bash", ["bash", "-c", words, "np"] + sys.argv[1:])
        def read(limit):
            global shown
            if not select.select([terminal], [], [], limit)[0]: return False
            try:
                data = os.read(terminal, 65536)
            except OSError:
                data = b""
            shown += data
            return bool(data)
        def until(text):
            global seen
            while text.encode() not in shown[seen:]:
                if not read(60):
                    print("waited in vain for", repr(text), "in", repr(shown))
                    os.kill(pid, signal.SIGKILL)
                    sys.exit(1)
            at = shown.find(text.encode(), seen)
            part, seen = shown[seen:at], at + len(text.encode())
            return part.decode(errors="replace")
        def np(*words): subprocess.run([NP, *words], stdout=subprocess.DEVNULL)
        def end():
            while read(60): pass
            print("exited", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            rest = shown.decode()
            print("restored", rest.rfind("\\x1b[?1049l") > rest.rfind("\\x1b[?1049h"),
                rest.rfind("\\x1b[?25h") > rest.rfind("\\x1b[?25l"), rest.count("\\x1b[?1049h"))
        """

    private func watch(_ script: String, _ options: String...) async throws -> [String] {
        try await home.np("run", "--task", "first", "--", "true")
        let result = try await home.run("/usr/bin/env", ["python3", "-c", Self.driver + "\n" + script] + options)
        return result.lines + result.errorLines
    }

    @Test("draws only what has changed, as soon as it is logged, and gives the terminal back on Ctrl-C")
    func changes() async throws {
        let lines = try await watch(
            #"""
            until("first")
            np("run", "--task", "second", "--", "false")
            until("second")
            print("cleared", "\x1b[2J" in shown[seen:].decode())
            os.write(terminal, b"\x03")
            end()
            """#
        )
        #expect(lines == ["cleared False", "exited 130", "restored True True 1"])
    }

    @Test("ends with q, and leaves what it showed last")
    func quit() async throws {
        let lines = try await watch(
            #"""
            until("first")
            os.write(terminal, b"xq")
            end()
            print("left", "first" in shown.decode().rsplit("\x1b[?1049l", 1)[1], "x" in shown.decode()[:20])
            """#
        )
        #expect(lines == ["exited 0", "restored True True 1", "left True False"])
    }

    @Test("draws all of it again when the terminal has another size, and after Ctrl-Z")
    func resized() async throws {
        let lines = try await watch(
            #"""
            until("first")
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 10, 60, 0, 0))
            until("\x1b[2J"); until("first")
            os.write(terminal, b"\x1a")
            until("\x1b[?1049l"); until("stopped"); until("\x1b[?1049h"); until("first")
            os.write(terminal, b"\x03")
            end()
            """#
        )
        #expect(lines == ["exited 130", "restored True True 2"])
    }
}
