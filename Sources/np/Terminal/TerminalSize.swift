import NeuraphagePlatform

/// How many cells a terminal has.
struct TerminalSize: Equatable {
    var columns: Int
    var rows: Int

    /// What a terminal has that doesn't say.
    static let usual = TerminalSize(columns: 80, rows: 24)

    private init(columns: Int, rows: Int) {
        (self.columns, self.rows) = (columns, rows)
    }

    /// The size of the terminal at a descriptor; 80 × 24 if it doesn't say, `nil` if it is none.
    init?(of descriptor: Int32) {
        guard isatty(descriptor) == 1 else { return nil }
        var size = winsize()
        let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0
        columns = isKnown && size.ws_col > 0 ? Int(size.ws_col) : 80
        rows = isKnown && size.ws_row > 0 ? Int(size.ws_row) : 24
    }
}
