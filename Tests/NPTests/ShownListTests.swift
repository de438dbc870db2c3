// What a number means that a user types.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem
import TestSupport
import Testing

@testable import np

@Suite("A number", .apart)
struct ShownListTests {
    private let list = ShownList(
        of: ["dark-mode", "docs", "3"],
        among: ["dark-mode", "docs", "3", "1", "7"],
        at: .now
    )

    @Test("means the task that was shown under it, and nothing where none was shown")
    func number() throws {
        #expect(try ShownList.task("2", in: list) == "docs" && ShownList.task("%2", in: list) == "docs")
        #expect(try ShownList.task("2", in: nil) == nil)
        for word in ["docs", "", "02", "-1", "2x", "%", "%x", "4", "²", "٢"] {
            #expect(try ShownList.task(word, in: list) == nil, "\(word)")
        }
        #expect(throws: OperationError.self) { try ShownList.task("%2", in: nil) }
        #expect(throws: OperationError.self) { try ShownList.task("%4", in: list) }
    }

    @Test("that is another task's name as well is refused, with the way to say each")
    func ambiguous() throws {
        let error = #expect(throws: OperationError.self) { try ShownList.task("1", in: list) }
        #expect(error?.sentence == "'1' is dark-mode in the list shown here, and another task's name")
        #expect(error?.hint == "say %1 for dark-mode, or task:1 for the task of that name")
        #expect(try ShownList.task("%1", in: list) == "dark-mode" && ShownList.task("task:1", in: list) == nil)
        #expect(TypedName.literal("task:1") == "1" && TypedName.literal("a-task:1") == "a-task:1")
        // The same task either way.
        #expect(try ShownList.task("3", in: list) == "3")
        // As a name it is no number of this list.
        #expect(try ShownList.task("7", in: list) == nil)
    }

    @Test("is remembered in the data directory, as long as that is sure to be the list that was shown")
    func remembered() throws {
        let directory = try TemporaryDirectory()
        let path = DataDirectory(directory.path).shownList("t")
        let file = ShownListFile(path: path, RealFileSystem())
        #expect(file.list == nil && file.forget())
        file.remember(list)
        #expect(file.list?.tasks == list.tasks && file.list?.ambiguous == ["3", "1"])
        #expect(file.forget() && file.list == nil)
        try RealFileSystem().write(Array("{\"tasks\":[\"a\"".utf8), to: path)
        #expect(file.list == nil)
    }
}
