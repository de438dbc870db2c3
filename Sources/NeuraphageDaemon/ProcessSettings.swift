// What the whole process must be like before the daemon does anything: this is the executable's to call, not something
// a library may do behind its user's back.

import NeuraphagePlatform

/// Settings of the process in which a daemon runs.
public enum ProcessSettings {
    /// Keeps files and sockets from being born open to others, lets writes that cannot be done fail instead of ending
    /// the process, and allows as many open files as the system permits.
    public static func apply() {
        umask(0o077)
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit()
        guard getrlimit(openFiles, &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        setrlimit(openFiles, &limit)
    }

    /// How many connections the process can hold: not more than `most`, and always some open files fewer than it may
    /// have, so that the log can still be opened.
    static func connections(atMost most: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(openFiles, &limit) == 0 else { return most }
        return max(4, min(most, Int(clamping: limit.rlim_cur) - reserve))
    }

    private static let reserve = 48

    #if canImport(Glibc)
    private static let openFiles = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
    private static let openFiles = RLIMIT_NOFILE
    #endif
}
