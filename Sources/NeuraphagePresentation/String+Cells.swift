// How wide a text is on a terminal. Chinese, Japanese, and Korean characters and most emoji take two cells, and marks that
// are put on the character before them take none.

extension String {
    /// The number of cells that a terminal shows the text in. The text must be visible.
    package var cells: Int {
        if utf8.count == unicodeScalars.count { return utf8.count }
        return unicodeScalars.reduce(0) { $0 + $1.cells }
    }

    /// The spaces that fill this up to a number of cells.
    package func padding(to width: Int) -> String {
        String(repeating: " ", count: max(0, width - cells))
    }

    /// The text in no more than a number of cells, with `…` where its end was. The text must be visible.
    package func fitted(to width: Int) -> String {
        guard cells > width else { return self }
        return unicodeScalars.prefix(cells: width - 1).text + (width > 0 ? "…" : "")
    }

    /// The same with `…` in the middle: names that begin alike often differ at their ends.
    package func fittedInTheMiddle(to width: Int) -> String {
        guard cells > width else { return self }
        guard width > 6 else { return fitted(to: width) }
        let end = (width - 1) / 3
        let tail = unicodeScalars.reversed().prefix(cells: end).reversed()
        // A mark belongs to the character before it, which is gone.
        let whole = tail.drop { $0.cells == 0 }
        return unicodeScalars.prefix(cells: width - 1 - end).text + "…" + Array(whole).text
    }
}

extension Sequence<Unicode.Scalar> {
    /// The first of them that take no more than a number of cells, with the marks on the last one.
    fileprivate func prefix(cells width: Int) -> [Unicode.Scalar] {
        var left = width
        return prefix { scalar in
            left -= scalar.cells
            return left >= 0
        }
    }

    fileprivate var text: String {
        var text = ""
        text.unicodeScalars.append(contentsOf: self)
        return text
    }
}

extension Unicode.Scalar {
    fileprivate var cells: Int {
        if value < 0x300 { return 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        if 0x1160...0x11ff ~= value { return 0 }  // the rest of a Korean syllable
        return Self.isWide(value) ? 2 : 1
    }

    /// The wide and full-width characters of Unicode 15.1 (EastAsianWidth.txt), neighbours joined where nothing is assigned
    /// between them.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115f, 0x231a...0x231b, 0x2329...0x232a, 0x23e9...0x23ec, 0x23f0...0x23f0, 0x23f3...0x23f3,
        0x25fd...0x25fe, 0x2614...0x2615, 0x2648...0x2653, 0x267f...0x267f, 0x2693...0x2693, 0x26a1...0x26a1,
        0x26aa...0x26ab, 0x26bd...0x26be, 0x26c4...0x26c5, 0x26ce...0x26ce, 0x26d4...0x26d4, 0x26ea...0x26ea,
        0x26f2...0x26f3, 0x26f5...0x26f5, 0x26fa...0x26fa, 0x26fd...0x26fd, 0x2705...0x2705, 0x270a...0x270b,
        0x2728...0x2728, 0x274c...0x274c, 0x274e...0x274e, 0x2753...0x2755, 0x2757...0x2757, 0x2795...0x2797,
        0x27b0...0x27b0, 0x27bf...0x27bf, 0x2b1b...0x2b1c, 0x2b50...0x2b50, 0x2b55...0x2b55, 0x2e80...0x303e,
        0x3041...0x4dbf, 0x4e00...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe10...0xfe19,
        0xfe30...0xfe6f, 0xff01...0xff60, 0xffe0...0xffe6, 0x16fe0...0x18d08, 0x1aff0...0x1b2fb, 0x1f004...0x1f004,
        0x1f0cf...0x1f0cf, 0x1f18e...0x1f18e, 0x1f191...0x1f19a, 0x1f200...0x1f320, 0x1f32d...0x1f335,
        0x1f337...0x1f37c, 0x1f37e...0x1f393, 0x1f3a0...0x1f3ca, 0x1f3cf...0x1f3d3, 0x1f3e0...0x1f3f0,
        0x1f3f4...0x1f3f4, 0x1f3f8...0x1f43e, 0x1f440...0x1f440, 0x1f442...0x1f4fc, 0x1f4ff...0x1f53d,
        0x1f54b...0x1f54e, 0x1f550...0x1f567, 0x1f57a...0x1f57a, 0x1f595...0x1f596, 0x1f5a4...0x1f5a4,
        0x1f5fb...0x1f64f, 0x1f680...0x1f6c5, 0x1f6cc...0x1f6cc, 0x1f6d0...0x1f6d2, 0x1f6d5...0x1f6d7,
        0x1f6dc...0x1f6df, 0x1f6eb...0x1f6ec, 0x1f6f4...0x1f6fc, 0x1f7e0...0x1f7eb, 0x1f7f0...0x1f7f0,
        0x1f90c...0x1f93a, 0x1f93c...0x1f945, 0x1f947...0x1f9ff, 0x1fa70...0x1faff, 0x20000...0x3fffd,
    ]

    private static func isWide(_ value: UInt32) -> Bool {
        var (low, high) = (0, wide.count)
        while low < high {
            let middle = (low + high) / 2
            if wide[middle].upperBound < value { low = middle + 1 } else { high = middle }
        }
        return low < wide.count && wide[low].contains(value)
    }
}
