// How the scripts that tests run wait: like a test, for a condition and with a limit.

import NeuraphagePlatform

/// Parts of scripts.
package enum Script {
    /// Whether a program is installed.
    package static func finds(_ program: String) -> Bool {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        return path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
    }

    /// What `sh -c "$UNTIL" CONDITION` runs. It waits until the condition, a command, succeeds.
    package static let until = """
        tries=0
        until eval "$0"; do
            tries=$((tries + 1))
            if [ $tries -gt 10000 ]; then echo "waited 100 s for: $0" >&2; exit 1; fi
            sleep 0.01
        done
        """

    /// The beginning of a Python program.
    package static let python = """
        import sys, time
        def until(condition, what):
            end = time.monotonic() + 100
            while not condition():
                if time.monotonic() > end: sys.exit("waited 100 s for " + what)
                time.sleep(0.002)

        """
}
