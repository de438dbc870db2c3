// Whether this np may read and write a file that says in which version it was written.

import NeuraphageEvents
package import NeuraphagePresentation
package import NeuraphageSystem

extension FileFormat {
    /// Refuses a file of a newer version, whose first line says so: `{"format":N,…}`.
    ///
    /// - Throws: ``OperationError`` with the code `newerFormat`.
    package func check(_ text: some StringProtocol, of path: String) throws(OperationError) {
        guard let line = text.split(separator: "\n", maxSplits: 1).first, line.hasPrefix("{"),
            line.contains("\"format\""),
            let found = (try? Payload(json: String(line)))?["format"].flatMap({ Int($0.text) }), found > version
        else { return }
        throw newer(found, path)
    }

    /// That a file was written by a newer version.
    package func newer(_ found: Int, _ path: String) -> OperationError {
        OperationError(
            .newerFormat,
            "\(path) is \(name) of version \(found), and this np knows version \(version); it is left as it is",
            hint: "install a newer np"
        )
    }
}
