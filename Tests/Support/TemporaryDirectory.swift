package import Foundation
package import NeuraphageEvents

/// A directory of its own for one test. It removes itself, with all that is in it, when the test lets go of it.
package final class TemporaryDirectory: Sendable {
    package struct Failure: Error {
        package let call: String
        package let code = errno

        package init(call: String) {
            self.call = call
        }
    }

    /// The paths of those that are there.
    private static let paths = Lock<Set<String>>([])

    package let path: String
    private let endsProcesses: Bool

    /// - Parameter endsProcesses: Whether to end, before the directory is removed, what still runs and has its path among
    ///   its arguments or in its environment.
    package init(endingProcesses endsProcesses: Bool = false) throws {
        self.endsProcesses = endsProcesses
        var template = Array("/tmp/neuraphage-test.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(call: "mkdtemp") }
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        self.path = path
        Self.paths.withLock { _ = $0.insert(path) }
    }

    deinit {
        if endsProcesses { try? RunningProcess.endAll(in: path) }
        try? FileManager.default.removeItem(atPath: path)
        Self.paths.withLock { [path] in _ = $0.remove(path) }
    }

    /// Removes those of all tests, when the process ends before they do.
    static func removeAll() {
        for path in paths.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
    }

    /// The path of a thing in this directory.
    package subscript(_ name: String) -> String { path + "/" + name }

    /// The whole file, byte for byte.
    package func bytes(_ name: String = EventLogConfig.fileName) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(fileURLWithPath: self[name])))
    }

    /// The whole file as text.
    package func text(_ name: String = EventLogConfig.fileName) throws -> String {
        String(decoding: try bytes(name), as: UTF8.self)
    }

    /// The file's lines, decoded. The last one must end with a newline.
    package func events(_ name: String = EventLogConfig.fileName) throws -> [Event] {
        var lines = try text(name).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.popLast()?.isEmpty == true else { throw Failure(call: "the last line does not end with a newline") }
        return try lines.map { try Event(line: String($0)) }
    }

    /// Makes a file, or appends to it, as another program would.
    package func append(_ text: String, to name: String = EventLogConfig.fileName) throws {
        let descriptor = open(self[name], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(call: "open") }
        defer { close(descriptor) }
        guard Foundation.write(descriptor, text, text.utf8.count) == text.utf8.count else {
            throw Failure(call: "write")
        }
    }

    package func rename(_ name: String, to newName: String) throws {
        guard Foundation.rename(self[name], self[newName]) == 0 else { throw Failure(call: "rename") }
    }

    package func callAsFunction(_ name: String) -> String { self[name] }

    package func makeDirectory(_ name: String) throws {
        guard mkdir(self[name], 0o700) == 0 else { throw Failure(call: "mkdir") }
    }

    /// Makes a file, or replaces what is in it.
    package func write(_ text: String, to name: String, permissions: mode_t = 0o600) throws {
        let descriptor = open(self[name], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, permissions)
        guard descriptor >= 0 else { throw Failure(call: "open") }
        defer { close(descriptor) }
        guard Foundation.write(descriptor, text, text.utf8.count) == text.utf8.count else {
            throw Failure(call: "write")
        }
    }

    /// The whole file as text; `nil` if it cannot be read.
    package func read(_ name: String) -> String? { try? text(name) }

    /// Cuts the file to nothing.
    package func truncate(_ name: String = EventLogConfig.fileName) throws {
        guard Foundation.truncate(self[name], 0) == 0 else { throw Failure(call: "truncate") }
    }

    package func unlink(_ name: String = EventLogConfig.fileName) throws {
        guard Foundation.unlink(self[name]) == 0 else { throw Failure(call: "unlink") }
    }

    package func exists(_ name: String = EventLogConfig.fileName) -> Bool {
        access(self[name], F_OK) == 0
    }

    /// The permission bits.
    package func permissions(_ name: String) throws -> UInt32 {
        var status = stat()
        guard lstat(self[name], &status) == 0 else { throw Failure(call: "lstat") }
        return UInt32(status.st_mode) & 0o777
    }
}
