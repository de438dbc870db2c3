// What an agent writes to its hook, read to the end: an agent that is still writing when nobody reads any more gets an
// error, or dies.

import NeuraphageEvents
import NeuraphagePlatform

/// Standard input, all of it, or as much as anybody could want.
struct HookStandardInput: ~Copyable {
    private static let most = 16 << 20
    /// How long an agent may pause before it is taken for one that forgot to close the pipe.
    private static let pause: Int32 = 10_000  // ms

    /// Memory that nobody touches costs nothing, and that way nothing is ever copied.
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: most, alignment: 1 << 21)
    private let count: Int
    /// Whether there was more.
    let isCut: Bool

    /// Reads until the end. A terminal says nothing.
    init() {
        var count = 0
        var isCut = false
        if isatty(STDIN_FILENO) == 0 {
            #if os(Linux)
            // Touching 10 MB page by page takes longer than reading them. What is usual fits into the part before.
            let large = UnsafeMutableRawBufferPointer(rebasing: buffer[(1 << 21)...])
            madvise(large.baseAddress, large.count, MADV_HUGEPAGE)
            #endif
            var rest = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let isFull = count == Self.most
                let got =
                    isFull
                    ? rest.withUnsafeMutableBytes(Self.read)
                    : Self.read(UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
                if got <= 0 { break }
                if isFull { isCut = true } else { count += got }
            }
        }
        self.count = count
        self.isCut = isCut
    }

    deinit {
        buffer.deallocate()
    }

    func withBytes<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
        try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]).bindMemory(to: UInt8.self).span)
    }

    private static func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        let isReady = poll(&descriptor, 1, pause)
        if isReady < 0, errno == EINTR { return read(buffer) }
        guard isReady > 0 else { return 0 }
        return
            (try? repeatingInterrupted { () throws(SystemError) in
                try RealFileSystem().read(STDIN_FILENO, buffer)
            }) ?? 0
    }
}
