package import NeuraphageEvents

/// The real file system, and how much was read from it.
package final class CountingFileSystem: ForwardingFileSystem {
    private let count = Lock(0)

    package init() {}

    /// How many bytes have been read at offsets.
    package var bytesRead: Int { count.withLock { $0 } }

    package func read(
        _ descriptor: Int32,
        _ buffer: UnsafeMutableRawBufferPointer,
        at offset: Int64
    ) throws(SystemError) -> Int {
        let read = try real.read(descriptor, buffer, at: offset)
        count.withLock { $0 += read }
        return read
    }
}
