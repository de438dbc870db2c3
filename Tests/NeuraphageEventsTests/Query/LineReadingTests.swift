import Foundation
import TestSupport
import Testing

@testable import NeuraphageEvents

/// The same lines, read from either end.
@Suite("Reading lines", .apart)
struct LineReadingTests {
    private struct Line: Equatable {
        var offset: Int64
        var text: [UInt8]
        var isTooLong: Bool
    }

    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func input() throws -> LineInput {
        guard let input = try LineInput.open(.log(directory[EventLogConfig.fileName]), RealFileSystem()) else {
            throw SystemError(code: ENOENT)
        }
        return input
    }

    private func forward(takesUnterminated: Bool = false) throws -> [Line] {
        var found: [Line] = []
        var lines = ForwardLines()
        _ = try lines.forEach(in: try input(), takesUnterminated: takesUnterminated) { position, line in
            #expect(position.number == found.count + 1)
            found.append(
                Line(
                    offset: position.offset,
                    text: line.withUnsafeBufferPointer(Array.init),
                    isTooLong: position.isTooLong
                )
            )
            return true
        }
        return found
    }

    private func backward(takesUnterminated: Bool = false) throws -> [Line] {
        var found: [Line] = []
        let input = try input()
        var lines = BackwardLines(in: 0..<(input.status?.size ?? 0))
        _ = try lines.forEach(in: input, takesUnterminated: takesUnterminated) { position, line in
            found.append(
                Line(
                    offset: position.offset,
                    text: line.withUnsafeBufferPointer(Array.init),
                    isTooLong: position.isTooLong
                )
            )
            return true
        }
        return found
    }

    @Test("gives the same lines at the same offsets from the end as from the beginning", arguments: 0..<20)
    func bothWays(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let lengths = [0, 1, 2, 100, 65_535, 65_536, 65_537, 300_000]
        let lines = (0..<Int.random(in: 0...12, using: &random)).map { _ in
            String(repeating: "x", count: lengths.randomElement(using: &random) ?? 0)
        }
        let rest = Bool.random(using: &random) ? "pending" : ""
        try directory.append(lines.map { $0 + "\n" }.joined() + rest)

        #expect(try forward().map { String(decoding: $0.text, as: UTF8.self) } == lines)
        #expect(try backward() == forward().reversed())
        #expect(try backward(takesUnterminated: true) == forward(takesUnterminated: true).reversed())
        #expect(try forward(takesUnterminated: true).count == lines.count + (rest.isEmpty ? 0 : 1))
    }

    @Test("stops after any line and goes on from there, from either end", arguments: 0..<20)
    func stops(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let lines = (0..<9).map { _ in String(repeating: "x", count: Int.random(in: 0..<90_000, using: &random)) }
        try directory.append(lines.map { $0 + "\n" }.joined() + "pending")
        let input = try input()
        var forward = ForwardLines()
        var backward = BackwardLines(in: 0..<(input.status?.size ?? 0))
        var ends: [Int64] = []
        var beginnings: [Int64] = []
        func end(_ position: LinePosition, _ line: Span<UInt8>) -> Bool {
            ends.append(position.end)
            return false
        }
        func beginning(_ position: LinePosition, _ line: Span<UInt8>) -> Bool {
            beginnings.append(position.offset)
            return false
        }
        while try !forward.forEach(in: input, end) {
            let (offset, mark) = (forward.offset, try forward.mark(in: input))
            #expect(try offset == ends.last && mark == input.mark(before: offset))
        }
        while try !backward.forEach(in: input, beginning) {}
        let (endOfLines, readTo) = (backward.endOfLines, forward.readTo)
        #expect(beginnings.reversed() == [0] + ends.dropLast())
        #expect(endOfLines == ends.last && readTo == input.status?.size)
    }

    @Test("passes over a line that is too long, and only over that")
    func tooLong() throws {
        let long = String(repeating: "y", count: LineInput.longestLine + 70_000)
        try directory.append("before\n\(long)\nbehind\n")
        let expected = [
            Line(offset: 0, text: Array("before".utf8), isTooLong: false),
            Line(offset: 7, text: [], isTooLong: true),
            Line(offset: Int64(8 + long.utf8.count), text: Array("behind".utf8), isTooLong: false),
        ]
        #expect(try forward() == expected)
        #expect(try backward() == expected.reversed())
    }
}
