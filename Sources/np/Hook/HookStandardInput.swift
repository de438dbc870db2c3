// What an agent writes to its hook, read to the end: an agent that is still writing when no process reads any more gets an
// error, or dies. A JSON object that is whole is the end, too: an agent may close the pipe late, or never.

import NeuraphageAgents
import NeuraphageEvents
import NeuraphagePlatform

/// Standard input, all of it, or as much as anybody could want.
struct HookStandardInput: ~Copyable {
    private static let most = 16 << 20
    /// How long to wait for the rest of what is not whole: a second less than the agent waits for its hook.
    private static let patience = UInt64(AgentHook.timeout - 1) * 1_000_000_000  // ns

    #if os(Linux)
    /// `F_SETPIPE_SZ`, which is not imported.
    private static let setPipeSize: Int32 = 1_031
    #endif

    /// Memory that nobody touches costs nothing, and that way nothing is ever copied.
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: most, alignment: 1 << 21)
    private let count: Int
    /// Whether there was more.
    let isCut: Bool

    /// Reads until the end. A terminal says nothing.
    ///
    /// - Parameter isObject: Whether a whole JSON object is the end.
    init(ofObject isObject: Bool = false) {
        let deadline = MonotonicClock.now + Self.patience
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
                if isObject, !isCut, !Self.isReady(until: 0),
                    AgentHook.isWhole(
                        UnsafeRawBufferPointer(rebasing: buffer[..<count]).bindMemory(to: UInt8.self).span
                    )
                {
                    break
                }
                guard Self.isReady(until: deadline) else { break }
                let isFull = count == Self.most
                let got =
                    isFull
                    ? rest.withUnsafeMutableBytes(Self.read)
                    : Self.read(UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
                if got <= 0 { break }
                #if os(Linux)
                // In a pipe of 64 KB, an agent with much to tell and its hook would take turns at each piece.
                if count < 1 << 16, count + got >= 1 << 16 { _ = fcntl(STDIN_FILENO, Self.setPipeSize, 1 << 20) }
                #endif
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
        (try? repeatingInterrupted { () throws(SystemError) in
            try RealFileSystem().read(STDIN_FILENO, buffer)
        }) ?? 0
    }

    /// Whether there is something to read, or the end.
    private static func isReady(until deadline: UInt64) -> Bool {
        let now = MonotonicClock.now
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        let ready = poll(&descriptor, 1, deadline > now ? Int32((deadline - now) / 1_000_000) + 1 : 0)
        if ready < 0, errno == EINTR { return isReady(until: deadline) }
        return ready > 0
    }
}
