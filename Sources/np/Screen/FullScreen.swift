// The terminal as a screen that is drawn over: its other screen, without a cursor, without wrapping, without showing what is
// typed. All of that is taken back however np ends, but for kill -9.

import NeuraphageEvents
import NeuraphagePlatform

struct FullScreen: ~Copyable {
    private static let enter = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l\u{1b}[H\u{1b}[2J"
    private static let leave = "\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l"

    private var output = OutputStream()
    private var saved: termios?
    private var shown: [String] = []
    private var isEntered = false

    init() {}

    /// The terminal's size now.
    var size: TerminalSize { TerminalSize(of: output.descriptor) ?? .usual }

    /// Takes the terminal.
    mutating func begin() throws {
        guard !isEntered else { return }
        var settings = termios()
        if tcgetattr(output.descriptor, &settings) == 0 {
            saved = settings
            settings.c_lflag &= ~tcflag_t(ECHO | ICANON)
            tcsetattr(output.descriptor, TCSANOW, &settings)
        }
        isEntered = true
        shown = []
        output.bytes += Array(Self.enter.utf8)
        try output.flush()
    }

    /// Gives it back as it was. What was typed meanwhile is nobody's.
    mutating func end() {
        guard isEntered else { return }
        isEntered = false
        output.bytes = Array(Self.leave.utf8)
        try? output.flush()
        if var saved { tcsetattr(output.descriptor, TCSAFLUSH, &saved) }
    }

    /// Draws from the beginning next time: the terminal has another size.
    mutating func forget() {
        shown = []
        output.bytes += Array("\u{1b}[H\u{1b}[2J".utf8)
    }

    /// Shows these lines, and rings the bell if need be.
    mutating func draw(_ lines: [String], ringing isRinging: Bool = false) throws {
        let lines = ScreenUpdate.fitting(lines, rows: size.rows)
        output.bytes += ScreenUpdate.bytes(from: shown, to: lines)
        if isRinging { output.bytes.append(7) }
        shown = lines
        if !output.bytes.isEmpty { try output.flush() }
    }
}
