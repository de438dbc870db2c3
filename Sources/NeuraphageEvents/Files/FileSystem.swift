// The one door to the file system. Every call on a file goes through it – the log's, its readers', and those of the rooms
// above – so that a test can put a faulty file system behind it.

package import NeuraphagePlatform

/// The system calls on files. Each does what the call of that name does and throws its error number; an interrupted call
/// is not repeated here.
package protocol FileSystem: Sendable {
    func open(_ path: String, flags: Int32, permissions: UInt32) throws(SystemError) -> Int32
    func close(_ descriptor: Int32)
    func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int
    /// Writes over what is at an offset.
    func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(SystemError) -> Int
    func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int
    func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(SystemError) -> Int
    func truncate(_ descriptor: Int32, to size: Int64) throws(SystemError)
    func synchronize(_ descriptor: Int32) throws(SystemError)
    func setPermissions(_ permissions: UInt32, of descriptor: Int32) throws(SystemError)
    func setOwner(_ owner: UInt32, group: UInt32, of descriptor: Int32) throws(SystemError)

    /// Takes the lock of a file if it is free: `flock`. Returns whether it did.
    func tryLock(_ descriptor: Int32, sharing isShared: Bool) throws(SystemError) -> Bool
    /// Takes the lock of a file, and waits for it as long as that takes.
    func lock(_ descriptor: Int32, sharing isShared: Bool) throws(SystemError)
    func unlock(_ descriptor: Int32)

    func status(of descriptor: Int32) throws(SystemError) -> FileStatus
    /// Whether the file system that a path is on is known to write what is written over in a file to new blocks, as btrfs
    /// does.
    func copiesOnWrite(at path: String) -> Bool
    func status(at path: String, followingLinks: Bool) throws(SystemError) -> FileStatus
    /// When the file that a path leads to was written last. A call of its own, because asking for it makes the next write
    /// to the file slower; see file_status.h.
    func modificationTime(at path: String) throws(SystemError) -> timespec
    /// Whether this process may run the file that a path leads to.
    func isExecutable(_ path: String) -> Bool
    /// The absolute path without symbolic links of what a path leads to.
    func resolve(_ path: String) throws(SystemError) -> String
    /// The names of the entries of a directory, in no order.
    func names(in directory: String) throws(SystemError) -> [String]

    func makeDirectory(_ path: String, permissions: UInt32) throws(SystemError)
    func removeDirectory(_ path: String) throws(SystemError)
    func remove(_ path: String) throws(SystemError)
    /// Gives a file another name; what has that name already is replaced in the same step.
    func rename(_ path: String, replacing newPath: String) throws(SystemError)
    /// Gives a file another name. Fails with `EEXIST` if something has it already.
    func rename(_ path: String, withoutReplacing newPath: String) throws(SystemError)
    /// Gives each of two files the other's name in one step. Fails with `ENOTSUP` where the file system cannot.
    func exchange(_ path: String, _ other: String) throws(SystemError)
}

extension FileSystem {
    /// Takes the lock of a file for this process alone if it is free. Returns whether it did.
    package func tryLock(_ descriptor: Int32) throws(SystemError) -> Bool {
        try tryLock(descriptor, sharing: false)
    }
}
