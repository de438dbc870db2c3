// What a newer np has written: it is left alone, and the user is told so.

import NeuraphageEvents
package import NeuraphagePresentation
import NeuraphageProjections
package import NeuraphageSystem

extension DataDirectory {
    /// Why some records in this directory, or checkpoints, are left alone: they are of a newer version.
    /// Costs a look at each record.
    package var newerFiles: [OperationError] {
        let ledger = Ledger(in: self)
        let records = RecordPrefix.all.flatMap(ledger.paths)
        let checkpoints = [refusal(of: Inboxes.self), refusal(of: TaskLog.self)]
        return records.compactMap { OpenRecord.refusal(at: $0, files) } + checkpoints.compactMap(\.self)
    }

    private func refusal<P: Projection>(of projection: P.Type) -> OperationError? {
        guard let (path, found, known) = ProjectionStore.newerVersion(of: projection, in: self) else { return nil }
        return FileFormat(name: FileFormat.checkpoint.name, version: known).newer(found, path)
    }
}
