// What a newer np has written: it is left alone, and the user is told so.

import NeuraphageEvents
package import NeuraphagePresentation
package import NeuraphageSystem

extension DataDirectory {
    /// Why some records in this directory, or the index of notifications, are left alone: they are of a newer version.
    /// Costs a look at each record.
    package var newerFiles: [OperationError] {
        let ledger = Ledger(in: self)
        let records = RecordPrefix.all.flatMap(ledger.paths)
        return records.compactMap { OpenRecord.refusal(at: $0, files) } + [indexRefusal].compactMap(\.self)
    }

    private var indexRefusal: OperationError? {
        do throws(OperationError) {
            _ = try IndexCatalogue(storedIn: notificationIndex, files)
            return nil
        } catch {
            return error
        }
    }
}
