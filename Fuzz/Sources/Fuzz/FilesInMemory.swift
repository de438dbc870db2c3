// A file system of one directory whose files are what the fuzzer says, so that no input costs a system call.

import CNeuraphagePlatform
import NeuraphageEvents
import NeuraphagePlatform

/// The directory `/d` with these regular files.
struct FilesInMemory: FileSystem {
    static let directory = "/d"
    private static let firstDescriptor: Int32 = 1_000

    private let files: [(name: String, bytes: [UInt8])]

    /// Of several files of the same name there is the first. What cannot be the name of a file is left out.
    init(_ files: [(name: String, bytes: [UInt8])]) {
        var names: Set<String> = ["", ".", ".."]
        self.files = files.filter { !$0.name.utf8.contains(UInt8(ascii: "/")) && names.insert($0.name).inserted }
    }

    private func place(of path: String) throws(SystemError) -> Int {
        guard let place = files.firstIndex(where: { path == Self.directory + "/" + $0.name }) else {
            throw SystemError(code: ENOENT)
        }
        return place
    }

    private func status(_ place: Int) -> FileStatus {
        var status = file_status()
        status.inode = UInt64(place + 1)
        status.size = Int64(files[place].bytes.count)
        status.links = 1
        status.mode = UInt32(S_IFREG) | 0o600
        return FileStatus(status)
    }

    func open(_ path: String, flags: Int32, permissions: UInt32) throws(SystemError) -> Int32 {
        Self.firstDescriptor + Int32(try place(of: path))
    }

    func close(_ descriptor: Int32) {}

    func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int { 0 }

    func read(
        _ descriptor: Int32,
        _ buffer: UnsafeMutableRawBufferPointer,
        at offset: Int64
    ) throws(SystemError) -> Int {
        let bytes = files[Int(descriptor - Self.firstDescriptor)].bytes
        let rest = bytes[min(Int(offset), bytes.count)...].prefix(buffer.count)
        buffer.copyBytes(from: rest)
        return rest.count
    }

    func copiesOnWrite(at path: String) -> Bool { false }

    func status(of descriptor: Int32) throws(SystemError) -> FileStatus {
        status(Int(descriptor - Self.firstDescriptor))
    }

    func status(at path: String, followingLinks: Bool) throws(SystemError) -> FileStatus {
        status(try place(of: path))
    }

    func names(in directory: String) throws(SystemError) -> [String] { files.map(\.name) }

    // What readers don't do.
    private var refused: SystemError { SystemError(code: EROFS) }

    func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int { throw refused }
    func write(
        _ descriptor: Int32,
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int64
    ) throws(SystemError) -> Int { throw refused }
    func truncate(_ descriptor: Int32, to size: Int64) throws(SystemError) { throw refused }
    func synchronize(_ descriptor: Int32) throws(SystemError) { throw refused }
    func setPermissions(_ permissions: UInt32, of descriptor: Int32) throws(SystemError) { throw refused }
    func setOwner(_ owner: UInt32, group: UInt32, of descriptor: Int32) throws(SystemError) { throw refused }
    func tryLock(_ descriptor: Int32, sharing isShared: Bool) throws(SystemError) -> Bool { throw refused }
    func lock(_ descriptor: Int32, sharing isShared: Bool) throws(SystemError) { throw refused }
    func unlock(_ descriptor: Int32) {}
    func modificationTime(at path: String) throws(SystemError) -> timespec { throw refused }
    func isExecutable(_ path: String) -> Bool { false }
    func resolve(_ path: String) throws(SystemError) -> String { path }
    func makeDirectory(_ path: String, permissions: UInt32) throws(SystemError) { throw refused }
    func removeDirectory(_ path: String) throws(SystemError) { throw refused }
    func remove(_ path: String) throws(SystemError) { throw refused }
    func rename(_ path: String, replacing newPath: String) throws(SystemError) { throw refused }
    func rename(_ path: String, withoutReplacing newPath: String) throws(SystemError) { throw refused }
    func exchange(_ path: String, _ other: String) throws(SystemError) { throw refused }
}
