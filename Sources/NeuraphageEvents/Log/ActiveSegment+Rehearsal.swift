import NeuraphagePlatform

extension ActiveSegment {
    /// Writes bytes to a file beside the log, waits until they are on the disk, and removes the file: whether the disk
    /// takes them is known then, and the log has not changed.
    ///
    /// A process that is killed meanwhile leaves the file, which the next rehearsal removes. Several processes may rehearse
    /// at the same time, since nothing reads what they write.
    func rehearse(_ bytes: [UInt8]) throws(EventLogError) {
        let path = files.activePath + ".rehearsal"
        do throws(SystemError) {
            let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
            let descriptor = try repeatingInterrupted { () throws(SystemError) in
                try fileSystem.open(path, flags: flags, permissions: 0o600)
            }
            defer {
                fileSystem.close(descriptor)
                try? fileSystem.remove(path)
            }
            try fileSystem.writeAll(bytes, to: descriptor)
            try repeatingInterrupted { () throws(SystemError) in try fileSystem.synchronize(descriptor) }
        } catch {
            throw EventLogError(.writeFailed, path: files.activePath, "cannot synchronize", error)
        }
    }
}
