// A line for a terminal of which each piece has a look. It is cut to a width before it is colored: an escape sequence takes
// no cell, and must not be cut.

import NeuraphagePresentation

struct StyledLine {
    /// The pieces, made visible.
    private(set) var pieces: [(text: String, look: Style.Look)] = []

    init(_ text: String = "", _ look: Style.Look = .plain) {
        append(text, look)
    }

    mutating func append(_ text: String, _ look: Style.Look = .plain) {
        if !text.isEmpty { pieces.append((text.visible, look)) }
    }

    mutating func append(_ line: StyledLine) {
        pieces += line.pieces
    }

    var cells: Int { pieces.reduce(0) { $0 + $1.text.cells } }

    /// The line in no more than `width` cells, with nothing but what can be seen at its end.
    func text(_ style: Style, width: Int?) -> String {
        var left = width ?? .max
        var shown: [(text: String, look: Style.Look)] = []
        for (text, look) in pieces {
            let fitted = text.fitted(to: left)
            shown.append((fitted, look))
            left -= fitted.cells
            if fitted != text { break }
        }
        while let last = shown.last, last.text.isEmpty || last.text.hasSuffix(" ") {
            shown[shown.count - 1].text = String(last.text.dropLast())
            if last.text.count < 2 { shown.removeLast() }
        }
        return shown.map { style.text($0.text, $0.look) }.joined()
    }
}
