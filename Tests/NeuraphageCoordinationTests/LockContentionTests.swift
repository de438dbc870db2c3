// Many processes want few locks, and somebody kills them at random. NP_LOCK_PROCESSES says how many processes: 12 if it
// isn't set.

#if os(Linux)

import NeuraphageEvents
import NeuraphagePlatform
import TestSupport
import Testing

@Suite("np lock under contention", .apart(minutes: 20))
struct LockContentionTests {
    /// Runs many holders, kills some of them at random moments, and some that tell of them, and prints what went wrong.
    ///
    /// A command that is killed along with its np is stopped before, so that it isn't there any more when the lock is
    /// free; what it could not say is written into the trace for it.
    private static let driver = """
        import glob, os, random, signal, subprocess, sys, time
        count, np = int(sys.argv[1]), os.environ["NP"]
        critical = 'echo "in $1 $2" >>trace; sleep 0.0$3; echo "out $1 $2" >>trace'

        def state(pid):
            try:
                with open(f"/proc/{pid}/stat") as file: return file.read().rsplit(")", 1)[1].split()[0]
            except OSError:
                return "X"

        def children(parent):
            found = []
            for path in glob.glob("/proc/[0-9]*/stat"):
                try:
                    with open(path) as file: fields = file.read().rsplit(")", 1)[1].split()
                except OSError:
                    continue
                if int(fields[1]) == parent and fields[0] not in "ZX": found.append(int(path.split("/")[2]))
            return found

        def kill(process, lock, task):
            os.kill(process.pid, signal.SIGSTOP)
            until(lambda: state(process.pid) in "TZX", f"{process.pid} to stop")
            for child in children(process.pid):
                os.kill(child, signal.SIGKILL)
                until(lambda: state(child) in "ZX", f"{child} to be gone")
            with open("trace", "a+") as trace:
                trace.seek(0)
                said = trace.read().splitlines()
                if f"in {lock} {task}" in said and f"out {lock} {task}" not in said:
                    trace.write(f"out {lock} {task}\\n")
            os.kill(process.pid, signal.SIGKILL)

        running = []
        for number in range(count):
            lock, task = f"lock-{number % 3}", f"t-{number}"
            words = [np, "lock", lock, "--task", task, "--", "sh", "-c", critical, "sh", lock, task, str(random.randint(1, 5))]
            running.append((subprocess.Popen(words), lock, task))
        def inside():
            said = open("trace").read().splitlines() if os.path.exists("trace") else []
            return [entry for entry in running
                    if f"in {entry[1]} {entry[2]}" in said and f"out {entry[1]} {entry[2]}" not in said]

        killed = set()
        for _ in range(count // 3):
            time.sleep(random.random() * 2 / count)
            victim = random.choice(random.choice([inside(), running]) or running)
            if victim[2] in killed: continue
            kill(*victim)
            killed.add(victim[2])
            quiet = subprocess.DEVNULL
            lister = subprocess.Popen([np, "lock", "--list"], stdout=quiet, stderr=quiet)
            time.sleep(random.random() * 0.05)
            lister.kill()
            lister.wait()
        for process, lock, task in running:
            code = process.wait()
            if code and not (task in killed and code == -9): print(f"{task} ended with {code}")
        looks = [subprocess.Popen([np, "watch", "--once"], stderr=subprocess.DEVNULL) for _ in range(4)]
        for process in looks: process.wait()
        if any(name.startswith("holder-") for name in os.listdir("ledger")):
            subprocess.run([np, "watch", "--once"], stderr=subprocess.DEVNULL)
        print(subprocess.run([np, "lock", "--list", "--json"], capture_output=True, text=True).stdout, end="")
        """

    @Test("never has two holders, and says of every one that it has gone")
    func contention() async throws {
        let np = try NPProcess()
        let count = getenv("NP_LOCK_PROCESSES").flatMap { Int(String(cString: $0)) } ?? 12
        let outcome = try await np.python(Self.driver, String(count), limit: .seconds(540))
        let complaints = outcome.error.split(separator: "\n").filter {
            !$0.hasPrefix("np: waiting for the lock 'lock-")
        }
        #expect(outcome.output == "" && complaints.isEmpty, "\(outcome)")

        var inside: [Substring: Substring] = [:]
        let trace = try np.directory.text("trace").split(separator: "\n")
        for line in trace {
            let words = line.split(separator: " ")
            if words[0] == "in" {
                #expect(inside[words[1]] == nil, "\(line) while \(inside[words[1]] ?? "") is inside")
                inside[words[1]] = words[2]
            } else {
                #expect(inside[words[1]] == words[2], "\(line)")
                inside[words[1]] = nil
            }
        }

        // A release that is inferred is told later, and says which acquisition it ends.
        var held: [String: Event] = [:]
        var acquisitions = 0
        for event in try np.loggedEvents() {
            if event.kind == .lockAcquired {
                held[event.id.description] = event
                acquisitions += 1
            } else {
                let begin = try #require(event.payload["begin"]?.text)
                let found = held.removeValue(forKey: begin)
                let acquired = try #require(found, "\(event)")
                #expect(acquired.source == event.source && acquired.payload["resource"] == event.payload["resource"])
            }
        }
        #expect(held.isEmpty)
        #expect(acquisitions >= count - count / 3)
        let left = try RealFileSystem().names(in: np.directory["ledger"])
        #expect(left.allSatisfy { !$0.hasPrefix("holder-") })
        for lock in try RealFileSystem().names(in: np.directory["locks"]) {
            let names = try RealFileSystem().names(in: np.directory["locks/\(lock)"])
            #expect(Set(names).isSubset(of: ["gate", "lock"]), "\(names)")
        }
    }
}

#endif
