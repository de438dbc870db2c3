import NeuraphagePlatform

extension ActiveSegment {
    /// Ends the file that is open, so that the next append begins a new one: it gets the next number and becomes
    /// read-only. If somebody else has done so, or has taken it away, that is fine.
    ///
    /// - Returns: The name that the file has now; `nil` if none was open or it cannot be found.
    mutating func end(patience: UInt64) throws(EventLogError) -> String? {
        guard let file = current else { return nil }
        try lock(file.descriptor, until: monotonicNow() + patience)
        defer { fileSystem.unlock(file.descriptor) }
        do throws(SystemError) {
            var name = try rename(file)
            if name == nil { name = try closedName(of: file.identity) }
            current = nil
            return name
        } catch {
            throw EventLogError(.writeFailed, path: path, "cannot begin a new file in place of", error)
        }
    }

    /// Gives the file the next number, unless it is no longer at the path.
    private func rename(_ file: OpenSegment) throws(SystemError) -> String? {
        guard isAtPath(file.identity) else { return nil }
        var number = try files.ended(in: fileSystem).last?.number ?? 0
        while true {
            number += 1
            guard number <= LogSegments.greatestNumber else { throw SystemError(code: EOVERFLOW) }
            let newPath = files.path(ofEnded: number)
            do throws(SystemError) {
                try fileSystem.rename(path, withoutReplacing: newPath)
            } catch {
                if error.code == EEXIST { continue }
                throw error
            }
            // If this fails, other writers notice within 100 ms that the file is no longer at the path.
            try? fileSystem.setPermissions(0o400, of: file.descriptor)
            return newPath.lastPathComponent
        }
    }

    /// The name of the ended segment that this is.
    private func closedName(of identity: FileStatus.Identity) throws(SystemError) -> String? {
        let ended = try files.ended(in: fileSystem)
        let file = ended.last { ended in
            let status = try? fileSystem.status(at: ended.path, followingLinks: false)
            return status?.identity == identity
        }
        return file?.path.lastPathComponent
    }
}
