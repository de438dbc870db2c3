// The reserve of a log: a file beside it that was written full when there was room, so that a process that ends while the disk
// is full can leave in it what the log could not take. Writing over what is there needs no free block.
//
// What is in it waits for the next process that can append to the log.

import NeuraphagePlatform

/// The reserve beside a log.
package struct Reserve: Sendable {
    /// What waits in a reserve for the log.
    package struct Waiting: Hashable, Sendable {
        /// How many events.
        package let events: Int
        /// How many more found no room. They are lost, and the log will say so.
        package let lost: Int

        package init(events: Int, lost: Int = 0) {
            self.events = events
            self.lost = lost
        }

        /// Whether there is nothing.
        package var isEmpty: Bool { events == 0 && lost == 0 }

        /// A sentence about it.
        ///
        /// - Parameter path: Where the reserve is.
        package func description(_ path: String) -> String {
            let waits = events == 1 ? "1 event waits" : "\(events) events wait"
            let losses = lost == 0 ? "" : ", and \(lost) more are lost, of which the log will tell"
            return "\(waits) in \(path), and the log gets \(events == 1 ? "it" : "them") as soon as it can\(losses)"
        }
    }

    package let path: String
    private let files: any FileSystem
    /// How long to wait for another process that works with the reserve, which takes it far less, in ns.
    private let patience: UInt64

    /// The reserve of the log at a path. It need not exist.
    package init(ofLogAt logPath: String, in files: any FileSystem, waitingAtMost patience: UInt64 = 500_000_000) {
        path = logPath + ".reserve"
        self.files = files
        self.patience = patience
    }

    /// Makes the reserve if it isn't there, or completes it if it is too short. Costs a look at it otherwise.
    ///
    /// - Throws: `SystemError` if there is no room for it, or the file system writes what is written over to new blocks, of
    ///   which a full disk has none; then there is no reserve.
    package func prepare() throws(SystemError) {
        if let status = try? files.status(at: path, followingLinks: false) {
            if status.isRegularFile, status.size < ReserveContents.size { try complete() }
            return
        }
        if files.copiesOnWrite(at: path.parentDirectory) { throw SystemError(code: ENOTSUP) }
        let new = "\(path).\(getpid())"
        do throws(SystemError) {
            let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
            let descriptor = try files.open(new, flags: flags, permissions: 0o600)
            defer { files.close(descriptor) }
            // The file system sets the blocks aside at once, though it may write them later.
            try files.writeAll(ReserveContents.emptyFile, to: descriptor)
            try files.rename(new, withoutReplacing: path)
        } catch {
            try? files.remove(new)
            if error.code != EEXIST { throw error }
        }
    }

    private func complete() throws(SystemError) {
        guard let open = try self.open() else { return }
        let count = ReserveContents.size - open.bytes.count
        guard count > 0 else { return }
        let isEmpty = open.contents == nil && open.bytes.allSatisfy { $0 == 0 }
        let missing = isEmpty ? ReserveContents.emptyFile : [UInt8](repeating: 0, count: count)
        try open.write([.init(offset: isEmpty ? 0 : open.bytes.count, bytes: missing)])
    }

    /// Why there is no reserve that can be used, as far as one can tell.
    package var absence: String {
        if files.copiesOnWrite(at: path.parentDirectory) {
            return "the file system copies on write, so a full disk takes nothing, not even in a file that is there"
        }
        return (try? files.status(at: path, followingLinks: false)) == nil
            ? "there was no room for it" : "\(path) is not this user's, or not one that this version can read"
    }

    /// What waits in it; `nil` if there is no reserve that can be used.
    package var waiting: Waiting? {
        let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        guard let descriptor = try? files.open(path, flags: flags, permissions: 0) else { return nil }
        defer { files.close(descriptor) }
        guard let status = try? files.status(of: descriptor), status.isRegularFile, status.owner == geteuid(),
            status.size >= ReserveContents.size,
            let head = (try? files.bytes(of: descriptor, atMost: 2 * ReserveHead.room)).flatMap(
                ReserveHead.init(ofFile:)
            )
        else { return nil }
        return Waiting(events: head.waiting, lost: head.lost)
    }

    /// Leaves lines in it.
    ///
    /// - Parameters:
    ///   - lines: Whole lines of events, without their newlines.
    ///   - isSynchronized: Whether to wait until they are on the disk.
    /// - Returns: Whether each of them is in it or counted as lost there.
    func leave(_ lines: [[UInt8]], synchronizing isSynchronized: Bool) -> Bool {
        do throws(SystemError) {
            guard let open = try self.open(), open.bytes.count == ReserveContents.size, var contents = open.contents
            else { return false }
            try open.write(contents.take(lines, gap: EventIDGenerator.shared.mint()))
            if isSynchronized { try open.synchronize() }
            return true
        } catch {
            return false
        }
    }

    /// Hands over what is in it, and empties it if that is taken.
    ///
    /// - Parameter body: Takes the events, with the one that tells of what is lost, and returns whether it has taken them for
    ///   good. Some may have been taken before, by a process that was killed over it.
    func drain(_ body: ([Event]) -> Bool) throws(SystemError) {
        guard let open = try self.open(), var contents = open.contents else { return }
        let events = contents.events
        if events.isEmpty || body(events) { try open.write([contents.empty()]) }
    }

    // MARK: - The file

    /// The file, locked by this process.
    private struct OpenFile: ~Copyable {
        let bytes: [UInt8]
        private let descriptor: Int32
        private let files: any FileSystem

        init(_ descriptor: Int32, _ files: any FileSystem) throws(SystemError) {
            self.descriptor = descriptor
            self.files = files
            bytes = try files.bytes(of: descriptor, atMost: ReserveContents.size)
        }

        deinit { files.close(descriptor) }

        var contents: ReserveContents? { ReserveContents(bytes) }

        func write(_ writes: [ReserveContents.Write]) throws(SystemError) {
            for write in writes { try files.writeAll(write.bytes, to: descriptor, at: Int64(write.offset)) }
        }

        func synchronize() throws(SystemError) { try files.synchronize(descriptor) }
    }

    /// Opens and locks it; `nil` if it isn't there, isn't this user's, or another process works with it for long.
    private func open() throws(SystemError) -> OpenFile? {
        let flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        guard let descriptor = try? files.open(path, flags: flags, permissions: 0) else { return nil }
        var isKept = false
        defer { if !isKept { files.close(descriptor) } }
        let deadline = MonotonicClock.now + patience
        while try !files.tryLock(descriptor) {
            guard MonotonicClock.now < deadline else { return nil }
            usleep(2_000)
        }
        let status = try files.status(of: descriptor)
        guard status.isRegularFile, status.owner == geteuid(), files.isStill(descriptor, at: path) else { return nil }
        let file = try OpenFile(descriptor, files)
        isKept = true
        return file
    }
}
