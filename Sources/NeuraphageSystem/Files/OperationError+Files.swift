package import NeuraphageEvents
package import NeuraphagePresentation

extension OperationError {
    /// That a call on a file failed: which one, and why.
    package static func cannot(_ what: String, _ path: String, _ error: SystemError) -> OperationError {
        OperationError(.files, "cannot \(what) \(path): \(error)")
    }
}
