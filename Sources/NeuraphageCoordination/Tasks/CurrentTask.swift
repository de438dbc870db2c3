// Who am I? The one answer for every command that acts for a task and was not told which.

public import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Why it cannot be told which task this process belongs to.
public struct CurrentTaskError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence that says what is wrong and what to do about it.
    public let description: String
}

/// Finds the task that this process works for.
public enum CurrentTask {
    /// The environment variable that names the task, set by `np run` for its command.
    public static let variable = "NP_TASK"

    /// The task named by `NP_TASK`, or else the task of the worktree that a directory lies in.
    ///
    /// - Parameters:
    ///   - environment: How to look up a variable: the process's own environment if you don't say otherwise.
    ///   - directory: The directory to stand in: the working directory if you don't say otherwise.
    /// - Returns: The task; `nil` if there is none.
    /// - Throws: ``CurrentTaskError`` if `NP_TASK` is set to something that cannot be a task's id.
    public static func find(
        environment: ((String) -> String?)? = nil,
        directory: String = "."
    ) throws(CurrentTaskError) -> TaskID? {
        let lookUp = environment ?? { name in getenv(name).map { String(cString: $0) } }
        guard let name = lookUp(variable), !name.isEmpty else { return WorktreeTask.find(from: directory) }
        do throws(NameError) {
            return try TaskID(name)
        } catch {
            throw CurrentTaskError(
                description: "the environment variable \(variable) names no task: \(error); unset it or correct it"
            )
        }
    }
}
