#!/usr/bin/env python3
"""An operator's day, and whether one screen answers each of its questions: who does what and who waits for me, what led to
this failure, who was told what.

Eight tasks in real worktrees: main moves twelve times, at the remote and here; a rebase stops on a conflict; a lock is waited
for; a check fails twice and the agent gives up; an agent waits for a permission, another has asked a question and stopped, a
third has reached a limit, a fourth is killed in the middle of its turn; one nudge goes to a name that no task has; two tasks
are merged, and the worktree of one is removed; the daemon is restarted. Then np, np why, and np inbox --sent are asked, on a
terminal of 80 columns and 24 lines. Must hold: each answer fits on the screen, and says what the script has done, of the right
task. With --show the screens are printed, with --keep DIRECTORY the day stays there."""

import json
import os
import pty
import shutil
import subprocess
import sys
import time

from scripted import AgentProcess, Surroundings
from support import Directory, arguments, program, require, wait_until

options = arguments(__doc__.splitlines()[0], show=0, keep="")
np = program(options.bin, "np")
COLUMNS, LINES = 80, 24
TASKS = {
    "checkout-discounts": "claude", "fix-parser": "claude", "search-index": "codex", "api-rate-limit": "claude",
    "dark-mode": "claude", "db-migrate": "claude", "docs": None, "spike-wasm": "claude",
}


class Session:
    """An agent's session."""

    def __init__(self, world, task, kind):
        self.world, self.task, self.kind, self.turn, self.uses = world, task, kind, 0, 0
        self.agent = AgentProcess(world, task, task)
        self.call("SessionStart", source="startup")

    def call(self, event, **more):
        call = {"session_id": f"s-{self.task}", "hook_event_name": event, "cwd": self.world.path(self.task), **more}
        call |= {"turn_id": str(self.turn)} if self.kind == "codex" else {"prompt_id": str(self.turn)}
        code, out, error = self.agent.execute([np, "hook", self.kind], json.dumps(call))
        require(code == 0 and not error, f"the hook of {event} says {error}")
        return out

    def prompt(self, text="go on"):
        self.turn += 1
        return self.call("UserPromptSubmit", prompt=text)

    def use(self, tool, failed=False, **input):
        self.uses += 1
        told = {"error": "x"} if failed else {"tool_response": {}}
        event = "PostToolUseFailure" if failed else "PostToolUse"
        self.call(event, tool_name=tool, tool_input=input, tool_use_id=f"u-{self.uses}", duration_ms=5, **told)

    def write(self, name):
        self.use("Write", file_path=self.world.path(f"{self.task}/{name}"), content="x")

    def stop(self, text="Done."):
        self.call("Stop", last_assistant_message=text)


class Day(Surroundings):
    def __init__(self, directory):
        super().__init__(directory, np, NP_DAEMON_FETCH_INTERVAL="1s", NO_COLOR="1", TERM="xterm")
        self.moves = 0
        self.git(directory, "init", "-q", "-b", "main", "seed")
        for name in ["parser", "cart", "search", "api", "ui", "db", "README", "wasm"]:
            self.write("seed", f"{name}.txt", "".join(f"{line}\n" for line in range(1, 21)))
        self.git("seed", "add", ".")
        self.git("seed", "commit", "-q", "-m", "begin")
        self.git(directory, "clone", "-q", "--bare", "seed", "shop.git")
        for name in ["shop", "ci"]:
            self.git(directory, "clone", "-q", "shop.git", name)
        self.begin(TASKS)

    def change(self, place, name, line, text, subject):
        path = f"{self.path(place)}/{name}.txt"
        lines = open(path).read().splitlines()
        lines[line - 1] = text
        open(path, "w").write("\n".join(lines) + "\n")
        self.git(place, "commit", "-q", "-a", "-m", subject)

    def seen(self):
        """Waits until the log has where main is."""
        self.moves += 1
        main = self.git("shop.git", "rev-parse", "main").strip()
        wait_until(
            lambda: any(event["payload"]["commit"] == main for event in self.events("MainUpdated")), "MainUpdated", 60,
        )
        return main[:7]

    def move(self, name, line=17, here=False, subject=None):
        """Main moves, at the remote or here."""
        place = "shop" if here else "ci"
        self.git(place, "pull", "-q", "--rebase")
        self.change(place, name, line, f"main {self.moves}", subject or f"main changes {name}")
        self.git(place, "push", "-q")
        return self.seen()

    def merge(self, task):
        self.git("shop", "pull", "-q", "--rebase")
        self.git("shop", "merge", "-q", "--no-ff", "-m", f"Merge {task}", task)
        self.git("shop", "push", "-q")
        self.seen()

    def until(self, kind, task):
        wait_until(
            lambda: any(event["source_task"] == task or event["target_task"] == task for event in self.events(kind)),
            f"{kind} of {task}", 60,
        )

    def screen(self, *words):
        """What a person sees on a terminal of the size, line by line."""
        master, slave = pty.openpty()
        import fcntl, struct, termios
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        process = subprocess.Popen(
            [np, *words], cwd=self.path("shop"), env=self.environment | {"PAGER": "cat"}, stdin=slave, stdout=slave,
            stderr=slave, start_new_session=True,
        )
        os.close(slave)
        out = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            if not piece:
                break
            out += piece
        code = process.wait()
        lines = out.decode().replace("\r", "").splitlines()
        if options.show:
            print(f"$ np {' '.join(words)}", *lines, "", sep="\n")
        require(code == 0, f"np {' '.join(words)} exits with {code}")
        require(len(lines) < LINES, f"np {' '.join(words)} prints {len(lines)} lines")
        require(all(len(line) <= COLUMNS for line in lines), f"np {' '.join(words)} prints lines that are too long")
        return lines


def play(day):
    """The day. What it must be told of."""
    agents = {task: Session(day, task, kind) for task, kind in TASKS.items() if kind}
    for task, agent in agents.items():
        agent.prompt(f"do {task}")
    facts = {}
    discounts = agents["checkout-discounts"]
    for task, name, line in [
        ("checkout-discounts", "cart", 3), ("fix-parser", "parser", 5), ("search-index", "search", 8),
        ("dark-mode", "ui", 3), ("spike-wasm", "wasm", 1),
    ]:
        day.change(task, name, line, task, f"Work on {task}")
        if task == "checkout-discounts":
            discounts.write("cart.txt")
    day.move("README")
    day.move("README", here=True)
    day.run(np, "nudge", "fix-parser", "use the streaming API, not the DOM one", place="shop")
    day.run(np, "nudge", "dark-mode", "design wants #111, not #000", place="shop")
    day.run(np, "nudge", "chekout-discounts", "coupons stack, see ticket 812", "--anyway", place="shop")
    migration = subprocess.Popen(
        [np, "run", "--task", "db-migrate", "--title", "Migrate", "--", np, "lock", "migrations", "--", "sleep", "6"],
        cwd=day.path("db-migrate"), env=day.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: day.events("LockAcquired"), "the lock")
    waited = time.time()
    discounts.agent.execute([np, "lock", "migrations", "--wait", "60s", "--", "true"])
    facts["lock"] = time.time() - waited
    migration.wait()
    facts["conflict"] = day.move("cart", 3, subject="Round prices in the cart")
    agents["fix-parser"].stop()
    agents["fix-parser"].prompt()
    discounts.stop()
    day.until("RebaseRequired", "checkout-discounts")
    discounts.prompt("rebase please")
    discounts.agent.execute([np, "rebase"])
    day.until("RebaseConflict", "checkout-discounts")
    discounts.agent.execute([np, "rebase"])
    agents["fix-parser"].agent.execute([np, "rebase"])
    day.until("RebaseCompleted", "fix-parser")
    day.run(np, "run", "--task", "docs", "--", "sh", "-c", "seq 30 >more.txt; git add .; git commit -qm docs", place="docs")
    day.merge("docs")
    day.move("ui")
    day.run(np, "daemon", "stop", place="shop")
    day.git("ci", "pull", "-q", "--rebase")
    day.change("ci", "db", 17, "away", "while the daemon is away")
    day.git("ci", "push", "-q")
    day.run(np, "daemon", "start", place="shop")
    day.seen()
    agents["search-index"].agent.kill()
    agents["spike-wasm"].call("SessionEnd", reason="other")
    agents["spike-wasm"].agent.kill()
    day.git("shop", "worktree", "remove", "--force", "../spike-wasm")
    day.git("shop", "branch", "-q", "-D", "spike-wasm")
    day.until("TaskCancelled", "spike-wasm")
    day.move("parser", here=True)
    agents["fix-parser"].agent.execute([np, "rebase"])
    day.merge("fix-parser")
    agents["fix-parser"].stop()
    agents["fix-parser"].call("SessionEnd", reason="other")
    agents["fix-parser"].agent.kill()
    day.until("TaskCompleted", "fix-parser")
    for name in ["wasm", "README", "search", "api"]:
        day.move(name)
    for _ in range(2):
        discounts.use("Bash", failed=True, command="make test")
    discounts.stop("I could not get the tests to pass.")
    day.run(np, "emit", "TaskFailed", "--task", "checkout-discounts", "error=tests red after conflict", place="shop")
    agents["api-rate-limit"].call("StopFailure", error="rate_limit", last_assistant_message="resets 11pm")
    agents["db-migrate"].stop("Shall I drop the old table?")
    agents["dark-mode"].call("PermissionRequest", tool_name="Bash", tool_input={"command": "npm install"})
    day.until("AgentSessionEnded", "search-index")
    facts["agents"] = agents
    return facts


def judge(day, facts):
    board = day.screen()
    rows = {task: next((line for line in board if f" {task} " in line), "") for task in TASKS}
    order = sorted((board.index(line), task) for task, line in rows.items() if line)
    require([task for _, task in order][:3] == ["db-migrate", "dark-mode", "checkout-discounts"]
            or [task for _, task in order][:3] == ["dark-mode", "db-migrate", "checkout-discounts"], f"order {order}")
    said = {
        "dark-mode": ["asks", "Bash"], "db-migrate": ["asked"], "checkout-discounts": ["failed"],
        "search-index": ["exited"], "api-rate-limit": ["limited"], "fix-parser": ["merged"], "docs": ["merged"],
        "spike-wasm": ["cancel"],
    }
    for task, words in said.items():
        for word in words:
            require(word in rows[task], f"the line of {task} does not say {word}: {rows[task]}")
    require(any("chekout-discounts" in line for line in board), "np does not say that a nudge reached no task")
    state = json.loads(day.run(np, "tasks", "--all", "-o", "json", place="shop"))
    require(len(state["tasks"]) >= len(TASKS), "np -o json does not tell of all tasks")

    why = "\n".join(day.screen("why", "checkout-discounts"))
    for word in ["tests red after conflict", "cart.txt", facts["conflict"], "make test", "migrations", "db-migrate",
                 "chekout-discounts", "behind"]:
        require(word in why, f"np why checkout-discounts does not say {word}")
    require(day.screen("why")[0].split()[0] in TASKS, "np why does not begin with a task")

    sent = "\n".join(day.screen("inbox", "--sent"))
    for word in ["streaming API", "#111", "coupons stack", "fix-parser", "dark-mode"]:
        require(word in sent, f"np inbox --sent does not say {word}")
    print(f"main moved {day.moves} times; each of the questions is answered by one command on one screen")


with Directory() as directory:
    day = Day(directory)
    facts = {}
    try:
        facts = play(day)
        judge(day, facts)
    finally:
        for agent in facts.get("agents", {}).values():
            if agent.agent.process.poll() is None:
                agent.agent.kill()
        day.run(np, "daemon", "stop", place="shop", check=False)
        if options.keep:
            shutil.copytree(directory, options.keep, symlinks=True, ignore=shutil.ignore_patterns("*.sock"))
sys.exit(0)
