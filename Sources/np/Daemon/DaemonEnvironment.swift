// What a daemon in the background keeps of the environment of whoever started it, which may be an agent in the middle of
// a task: what says where things are, in which language, and how a remote is reached. Nothing that belongs to a task, to a
// repository or to an agent, and no key of a model's provider.

import NeuraphageConfiguration

enum DaemonEnvironment {
    private static let names: Set<String> = [
        "HOME", "USER", "LOGNAME", "SHELL", "PATH", "TMPDIR", "TZ", "LANG", "LANGUAGE",
        // Where a command of [notify] shows something.
        "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY",
        // How programs are loaded.
        "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH",
        // How git reaches a remote.
        "SSH_AUTH_SOCK", "SSH_AGENT_PID", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_PROXY_COMMAND",
        "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_EXEC_PATH", "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "DBUS_SESSION_BUS_ADDRESS", "http_proxy", "https_proxy",
        "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
    ]
    private static let prefixes = ["LC_", "XDG_"]
    private static let settings = Set(Setting.allCases.map(\.variable))

    /// Whether the daemon gets the variable of this name.
    static func holds(_ name: String) -> Bool {
        names.contains(name) || settings.contains(name) || prefixes.contains { name.hasPrefix($0) }
    }
}
