// A change of a file that another program may write meanwhile: it is planned anew from what the file has become, until it holds.

import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageSystem

extension Setup {
    /// How often a change is tried. A program that writes every few milliseconds leaves room for one within a few.
    private static let mostAttempts = 500
    /// How often the new version is on the disk before it is seen.
    private static let patientAttempts = 2

    /// How long another program may take from reading a file to writing it, in µs. What it writes then lacks our change, which is
    /// made again.
    private static let pause: UInt32 = 20_000

    /// Changes a file as it was planned, or as it has to be planned by then.
    ///
    /// - Parameter replan: The same change for what the file is now; `nil` if there is nothing to do any more.
    /// - Returns: The change that was made; `nil` if there was nothing to do any more.
    /// - Throws: ``OperationError`` if that cannot be done, or another program writes the file again and again.
    func settle(
        _ change: FileChange,
        replan: () throws(OperationError) -> FileChange?
    ) throws(OperationError) -> FileChange? {
        var change = change
        var made: FileChange?
        for attempt in 0..<Self.mostAttempts {
            if try files.put(change, isPatient: attempt < Self.patientAttempts) {
                made = change
                // A program that had read the file before may write now what it has made of that.
                guard change.part.agent != nil else { return made }
                usleep(Self.pause)
            }
            guard let next = try replan() else { return made }
            change = next
        }
        throw changedMeanwhile(change.path)
    }

    func changedMeanwhile(_ path: String) -> OperationError {
        OperationError(.setup, "\(path) was changed by another program just now", hint: "try again")
    }
}
