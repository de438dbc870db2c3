// Long output goes through a pager, as git does it: `$NP_PAGER`, `$PAGER` or less, with LESS=FRX unless it is set.
//
// While it runs, standard output is a pipe to it. It is started with posix_spawn because it must own the terminal and
// share our process group, which a library that starts a process with fresh signals and pipes gets wrong.

import NeuraphageEvents
import NeuraphagePlatform
import NeuraphageSystem

/// A pager that shows what is written to standard output.
struct Pager: ~Copyable {
    private let process: pid_t

    /// Shows what `body` prints, through the user's pager if that is wanted and there is one. That the user leaves it is no
    /// error.
    ///
    /// - Throws: What `body` throws, after the pager has ended.
    static func showing(if isWanted: Bool, atEnd: Bool = false, _ body: () throws -> Void) throws {
        guard isWanted, let pager = Pager(atEnd: atEnd) else { return try body() }
        do {
            try body()
        } catch is OutputClosed {
            // The user has left the pager.
        } catch {
            pager.finish()
            throw error
        }
        pager.finish()
    }

    /// Starts the user's pager, or returns `nil` if there is none.
    private init?(atEnd: Bool) {
        guard let command = Self.command(atEnd: atEnd) else { return nil }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        defer { for end in ends { close(end) } }
        if environment("LESS") == nil { setenv("LESS", "FRX", 0) }

        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var shell = Spawn(["/bin/sh", "-c", command])
        shell.input = .descriptor(ends[0])
        shell.signalsToReset = IgnoredSignals.byNP
        guard let id = try? shell.start() else { return nil }
        process = id
        dup2(ends[1], STDOUT_FILENO)
        signal(SIGINT, SIG_IGN)  // Ctrl-C is for the pager
    }

    /// The shell command, or `nil` if the user wants none or there is no pager.
    private static func command(atEnd: Bool) -> String? {
        guard let chosen = environment("NP_PAGER") ?? environment("PAGER") else {
            return isInstalled("less") ? (atEnd ? "less +G" : "less") : nil
        }
        if chosen == "cat" { return nil }
        let isLess = chosen.split(separator: " ").first?.split(separator: "/").last == "less"
        return atEnd && isLess ? chosen + " +G" : chosen
    }

    private static func isInstalled(_ program: String) -> Bool {
        (environment("PATH") ?? "/usr/bin:/bin").split(separator: ":").contains {
            access("\($0)/\(program)", X_OK) == 0
        }
    }

    /// Lets the pager know that this is all, and waits until the user has left it.
    consuming func finish() {
        close(STDOUT_FILENO)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }
}
