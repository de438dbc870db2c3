// What takes longer than an agent waits is left to another process, which nobody waits for: it has a session of its own
// and nothing of the agent's descriptors, so that it outlives the hook and holds nobody up.

import NeuraphageEvents

#if canImport(Darwin)
@preconcurrency import Darwin
#elseif canImport(Glibc)
@preconcurrency import Glibc
#elseif canImport(Musl)
@preconcurrency import Musl
#endif

enum BackgroundCommand {
    /// Starts np with these arguments, for the same data directory and configuration. If that cannot be, somebody else
    /// does the same some day.
    static func start(_ arguments: [String], _ global: GlobalOptions) {
        let dataDirectory = global.dataDir.map { ["--data-dir", $0] } ?? []
        let configuration = global.config.map { ["--config", $0] } ?? []
        start(arguments.prefix(1) + dataDirectory + configuration + arguments.dropFirst())
    }

    private static func start(_ arguments: [String]) {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #endif
        guard posix_spawn_file_actions_init(&actions) == 0, posix_spawnattr_init(&attributes) == 0 else { return }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in IgnoredSignals.byNP { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF) | newSession)
        var words = ([OwnExecutable.path] + arguments).map { strdup($0) } + [nil]
        var id: pid_t = 0
        _ = posix_spawn(&id, OwnExecutable.path, &actions, &attributes, &words, environ)
        for word in words { free(word) }
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
    }

    #if canImport(Darwin)
    private static let newSession = Int16(POSIX_SPAWN_SETSID)
    #else
    private static let newSession: Int16 = 0x80  // POSIX_SPAWN_SETSID of glibc and musl
    #endif
}
