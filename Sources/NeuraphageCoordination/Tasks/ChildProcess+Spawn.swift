// Starting the child with what this process was started with: its descriptors, its signal mask, its ignored signals.

#if canImport(Darwin)
@preconcurrency import Darwin
#elseif canImport(Glibc)
@preconcurrency import Glibc
#elseif canImport(Musl)
@preconcurrency import Musl
#endif

extension ChildProcess {
    /// Starts a program as ``spawn(_:environment:signals:resetting:)`` does, and waits for its end.
    ///
    /// - Returns: How it ended, and the first signal by which somebody asked for the end.
    static func run(
        _ words: [[UInt8]],
        environment: [String: String],
        signals: SignalReceiver,
        resetting: [Int32]
    ) -> (ending: TaskEnding, cancellation: Int32?) {
        switch spawn(words, environment: environment, signals: signals, resetting: resetting) {
        case .failure(let failure): return (.notStarted(failure), nil)
        case .success(var child):
            let ending = child.wait()
            return (ending, child.cancellation)
        }
    }

    /// Starts a program in this process's group.
    ///
    /// - Parameters:
    ///   - words: The program, looked up in `PATH` if it has no slash, and its arguments.
    ///   - environment: Variables to add to this process's environment or to replace there.
    ///   - signals: What holds the signal mask that the child gets.
    ///   - resetting: The signals whose default the child gets though this process ignores them.
    static func spawn(
        _ words: [[UInt8]],
        environment: [String: String],
        signals: SignalReceiver,
        resetting: [Int32]
    ) -> Result<ChildProcess, TaskStartError> {
        let program = words.first ?? []
        let variables = CStrings(Self.environment(overridden: environment))
        var (id, code) = spawn(CStrings(words), variables, mask: signals.originalMask, resetting: resetting)
        if code == ENOEXEC, let script = path(of: program) {
            // No "#!" line: a shell would run it itself, and so do execvp and env.
            let shell = [Array("/bin/sh".utf8), script] + words.dropFirst()
            (id, code) = spawn(CStrings(shell), variables, mask: signals.originalMask, resetting: resetting)
        }
        guard code == 0 else {
            return .failure(TaskStartError(program: String(decoding: program, as: UTF8.self), errorNumber: code))
        }
        return .success(ChildProcess(id: id, signals: signals))
    }

    private static func spawn(
        _ words: CStrings,
        _ environment: CStrings,
        mask: sigset_t,
        resetting: [Int32]
    ) -> (id: pid_t, code: Int32) {
        guard let program = words.pointers[0] else { return (0, ENOENT) }
        #if canImport(Darwin)
        var attributes: posix_spawnattr_t?
        #else
        var attributes = posix_spawnattr_t()
        #endif
        let code = posix_spawnattr_init(&attributes)
        guard code == 0 else { return (0, code) }
        defer { posix_spawnattr_destroy(&attributes) }

        var mask = mask
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in resetting { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigmask(&attributes, &mask)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
        var id: pid_t = 0
        return withExtendedLifetime((words, environment)) {
            let code = posix_spawnp(&id, program, nil, &attributes, words.pointers, environment.pointers)
            return (id, code)
        }
    }

    /// This process's environment, byte by byte, with some variables replaced.
    private static func environment(overridden overrides: [String: String]) -> [[UInt8]] {
        var variables: [[UInt8]] = []
        var entry = environ
        while let variable = entry.pointee {
            variables.append(Array(UnsafeRawBufferPointer(start: variable, count: strlen(variable))))
            entry += 1
        }
        let prefixes = overrides.keys.map { Array("\($0)=".utf8) }
        variables.removeAll { variable in prefixes.contains { variable.starts(with: $0) } }
        return variables + overrides.sorted { $0.key < $1.key }.map { Array("\($0)=\($1)".utf8) }
    }

    /// Where a program lies: at its own path, or in the first directory of `PATH` that has it.
    private static func path(of program: [UInt8]) -> [UInt8]? {
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
