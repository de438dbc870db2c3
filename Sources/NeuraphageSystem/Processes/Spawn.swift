// Starting a program: the one place that calls posix_spawn. It serves what swift-subprocess cannot do, because that resets
// every signal to its default in the child: a command that is run as a task inherits what this process was started with,
// a pager shares the terminal, and a background process outlives its parent.

import CNeuraphagePlatform
import NeuraphageEvents
package import NeuraphagePlatform
package import NeuraphagePresentation

/// A program to start, and how.
package struct Spawn {
    /// What a standard descriptor of the program is.
    package enum Stream {
        /// The same as this process's.
        case inherited
        /// `/dev/null`.
        case null
        case descriptor(Int32)
    }

    /// The program and its arguments, without the closing NUL. They need not be UTF-8.
    package var words: [[UInt8]]
    /// The program's file; `nil`: the first word, looked up in `PATH` if it has no slash.
    package var path: String?
    /// Which variables of this process's environment it gets.
    package var inheritsVariable: (String) -> Bool = { _ in true }
    /// Variables to add to those, or to replace.
    package var environment: [String: String] = [:]
    package var input = Stream.inherited
    package var output = Stream.inherited
    package var error = Stream.inherited
    /// Whether the program gets a session of its own, without a terminal.
    package var isSessionLeader = false
    /// Whether it gets no other descriptors than the standard ones.
    package var inheritsStandardDescriptorsOnly = false
    /// The signals that it blocks; `nil`: those that the calling thread blocks.
    package var signalMask: sigset_t?
    /// Signals whose default it gets, though this process ignores them.
    package var signalsToReset: [Int32] = []

    package init(words: [[UInt8]]) {
        self.words = words
    }

    package init(_ words: [String]) {
        self.init(words: words.map { Array($0.utf8) })
    }

    /// Starts the program.
    ///
    /// - Returns: Its process id. The caller waits for its end.
    /// - Throws: ``OperationError`` with the code `commandNotFound` or `cannotExecute`.
    package func start() throws(OperationError) -> pid_t {
        let environment = CStrings(variables)
        var (id, code) = spawn(path, CStrings(words), environment)
        if code == ENOEXEC, path == nil, let script = Self.lookUp(words.first ?? []) {
            // No "#!" line: a shell would run it itself, and so do execvp and env.
            let shell = [Array("/bin/sh".utf8), script] + words.dropFirst()
            (id, code) = spawn(nil, CStrings(shell), environment)
        }
        guard code != 0 else { return id }
        let name = path ?? String(decoding: words.first ?? [], as: UTF8.self)
        throw code == ENOENT || code == ENOTDIR
            ? OperationError(.commandNotFound, "command not found: \(name)")
            : OperationError(.cannotExecute, "cannot execute \(name): \(SystemError(code: code))")
    }

    private func spawn(_ path: String?, _ words: CStrings, _ environment: CStrings) -> (id: pid_t, code: Int32) {
        guard let program = words.pointers[0] else { return (0, ENOENT) }
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #endif
        var code = posix_spawn_file_actions_init(&actions)
        guard code == 0 else { return (0, code) }
        defer { posix_spawn_file_actions_destroy(&actions) }
        code = posix_spawnattr_init(&attributes)
        guard code == 0 else { return (0, code) }
        defer { posix_spawnattr_destroy(&attributes) }

        for (stream, descriptor) in [(input, STDIN_FILENO), (output, STDOUT_FILENO), (error, STDERR_FILENO)] {
            switch stream {
            case .inherited: break
            case .null: posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
            case .descriptor(let other): posix_spawn_file_actions_adddup2(&actions, other, descriptor)
            }
        }
        var flags = POSIX_SPAWN_SETSIGDEF
        if inheritsStandardDescriptorsOnly {
            #if canImport(Darwin)
            flags |= POSIX_SPAWN_CLOEXEC_DEFAULT
            #else
            code = spawn_close_others(&actions, STDERR_FILENO + 1)
            guard code == 0 else { return (0, code) }
            #endif
        }
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in signalsToReset { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        if var mask = signalMask {
            posix_spawnattr_setsigmask(&attributes, &mask)
            flags |= POSIX_SPAWN_SETSIGMASK
        }
        if isSessionLeader { flags |= Self.newSession }
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var id: pid_t = 0
        return withExtendedLifetime((words, environment)) {
            let code =
                if let path {
                    posix_spawn(&id, path, &actions, &attributes, words.pointers, environment.pointers)
                } else {
                    posix_spawnp(&id, program, &actions, &attributes, words.pointers, environment.pointers)
                }
            return (id, code)
        }
    }

    #if canImport(Darwin)
    private static let newSession = POSIX_SPAWN_SETSID
    #else
    /// `POSIX_SPAWN_SETSID` of glibc and musl, which Swift's modules don't import.
    private static let newSession: Int32 = 0x80
    #endif

    /// The program's environment, byte by byte.
    private var variables: [[UInt8]] {
        var variables: [[UInt8]] = []
        var entry = processEnvironment
        while let variable = entry.pointee {
            let bytes = Array(UnsafeRawBufferPointer(start: variable, count: strlen(variable)))
            let name = String(decoding: bytes.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
            if environment[name] == nil, inheritsVariable(name) { variables.append(bytes) }
            entry += 1
        }
        return variables + environment.sorted { $0.key < $1.key }.map { Array("\($0)=\($1)".utf8) }
    }

    /// A program's file: its own path, or the one in the first directory of `PATH` that has it.
    private static func lookUp(_ program: [UInt8]) -> [UInt8]? {
        if program.contains(UInt8(ascii: "/")) { return program }
        let directories = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        let candidates = directories.split(separator: ":", omittingEmptySubsequences: false).map { directory in
            Array((directory.isEmpty ? "." : directory).utf8) + [UInt8(ascii: "/")] + program
        }
        return candidates.first { access(String(decoding: $0, as: UTF8.self), X_OK) == 0 }
    }
}

/// An array of C strings that ends in a null pointer, as exec wants it.
private final class CStrings {
    let pointers: [UnsafeMutablePointer<CChar>?]

    init(_ texts: [[UInt8]]) {
        pointers =
            texts.map { text in
                let copy = UnsafeMutablePointer<CChar>.allocate(capacity: text.count + 1)
                for (index, byte) in text.enumerated() { copy[index] = CChar(bitPattern: byte) }
                copy[text.count] = 0
                return copy
            } + [nil]
    }

    deinit {
        for pointer in pointers { pointer?.deallocate() }
    }
}
