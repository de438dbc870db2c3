#!/usr/bin/env python3
"""An operator's day: eight tasks, twelve moves of main, and whether the log says truthfully who was told what and when.

Agents prompt, answer, take prompts back, ask a subagent, are compacted, killed, and resumed; a second session works on the
same task; the operator and other agents nudge; main moves by pushes of others and by merges here; tasks begin late and end
early. Meanwhile a daemon watches, and is restarted once. A judge that knows only what the hooks printed says what each
session has seen: what was printed before the model's next own sign. Must hold: what the log calls read is exactly that, by
the same sessions; no message is printed for two sessions that both answered; a task that has not begun or has ended is told
nothing of main, and no task is told again before it has read or overtaken what it was told, nor more than twice of one main.
`--seed N` repeats a day."""

import collections
import json
import random
import re
import sys
import time

from scripted import AgentProcess, Surroundings
from support import Directory, arguments, program, require, wait_until

options = arguments(__doc__.splitlines()[0], seed=1, moves=12, tasks=8, actions=14)
choose = random.Random(options.seed)
np = program(options.bin, "np")
# What a line of a hook's output tells of: a message by its word, or an order to rebase.
TOLD = re.compile(r"word-\d+|RebaseRequired")


class World(Surroundings):
    def __init__(self, directory):
        super().__init__(directory, np, NP_DAEMON_FETCH_INTERVAL="1s")
        self.git(directory, "init", "-q", "-b", "main", "seed")
        for name in ["common", *(f"file-{number}" for number in range(options.tasks))]:
            self.write("seed", name, "begin\n")
        self.git("seed", "add", ".")
        self.git("seed", "commit", "-q", "-m", "begin")
        self.git(directory, "clone", "-q", "--bare", "seed", "shop.git")
        for name in ["shop", "ci"]:
            self.git(directory, "clone", "-q", "shop.git", name)
        self.tasks = [f"task-{number}" for number in range(options.tasks)]
        self.begin(self.tasks)
        self.words = 0
        self.ended = set()

    def move_main(self, number):
        """Main moves; waits until the log has it."""
        if choose.random() < 0.7:
            self.git("ci", "pull", "-q", "--rebase")
            self.commit("ci", choose.choice(["common", "new"]), f"main {number}\n")
            self.git("ci", "push", "-q")
            main = self.git("ci", "rev-parse", "HEAD").strip()
        else:
            self.git("shop", "pull", "-q", "--rebase")
            self.commit("shop", "here", f"main {number}\n")
            main = self.git("shop", "rev-parse", "HEAD").strip()
            self.git("shop", "push", "-q")
        wait_until(
            lambda: any(event["payload"]["commit"] == main for event in self.events("MainUpdated")),
            f"MainUpdated of move {number}", 60,
        )

    def word(self):
        self.words += 1
        return f"word-{self.words}"


class Session:
    """An agent's session, and what it has seen."""

    count = 0
    all = []

    def __init__(self, world, task):
        Session.count += 1
        Session.all.append(self)
        self.world, self.task, self.id = world, task, f"s-{Session.count}"
        self.kind = "claude" if Session.count % 3 else "codex"
        self.printed = collections.Counter()  # before the model's next sign
        # Whether that was between tools, which the model may have asked for before. Then its stop is the sign.
        self.is_between_tools = False
        self.seen = collections.Counter()
        self.calls = []  # for the person who reads of a failure
        self.begin()
        self.call("SessionStart", source="startup")

    def begin(self):
        self.agent = AgentProcess(self.world, self.task, f"{self.id}-{time.monotonic_ns()}")

    def call(self, event, is_answer=False, **more):
        call = {"session_id": self.id, "hook_event_name": event, "cwd": self.world.path(self.task), **more}
        if is_answer and (event == "Stop" or not self.is_between_tools):
            self.seen += self.printed
            self.forget()
        code, out, error = self.agent.execute([np, "hook", self.kind], json.dumps(call))
        self.calls.append((time.strftime("%H:%M:%S", time.gmtime()), event, TOLD.findall(out)))
        require(code == 0 and not error, f"the hook of {event} says {error}")
        if event == "UserPromptSubmit" and not self.is_between_tools or more.get("source") == "compact":
            self.forget()  # the prompt before was taken back, or what it had brought is summed up
        for told in TOLD.findall(out):
            self.printed[told] += 1
            self.is_between_tools = self.is_between_tools or event == "PostToolUse"

    def forget(self):
        self.printed.clear()
        self.is_between_tools = False

    def prompt(self):
        self.call("UserPromptSubmit", prompt="x")

    def use_tool(self):
        self.call("PostToolUse", True, tool_name="Bash", tool_input={"command": "true"}, tool_response={"ok": True})

    def answer(self):
        if choose.random() < 0.5:
            self.use_tool()
        if choose.random() < 0.7:
            self.call("Stop", True)

    def subagent(self):
        self.call("PostToolUse", agent_id="sub", tool_name="Read", tool_input={"file_path": "x"}, tool_response={})

    def read_inbox(self):
        _, out, _ = self.agent.execute([np, "inbox", "--ack"])
        for told in TOLD.findall(out):
            self.seen[told] += 1

    def kill(self):
        self.agent.kill()
        self.forget()  # the next session gets it

    def resume(self):
        self.begin()
        self.call("SessionStart", source="resume")


def act(world, sessions):
    session = choose.choice(sessions)
    task = session.task
    what = choose.random()
    if what < 0.40:
        session.prompt()
        while choose.random() < 0.3:  # taken back, and typed again
            session.prompt()
        if choose.random() < 0.3:
            session.subagent()
        if choose.random() < 0.8:
            session.answer()
    elif what < 0.62:
        target = choose.choice([task for task in world.tasks if task not in world.ended])
        if choose.random() < 0.5:
            world.run(np, "nudge", target, world.word(), place="shop")
        else:
            session.agent.execute([np, "nudge", target, world.word()])
    elif what < 0.72:
        world.commit(task, choose.choice(["common", "own"]), f"{task} {time.monotonic_ns()}\n")
    elif what < 0.80:
        code, _, _ = session.agent.execute([np, "rebase"])
        if code:
            session.agent.execute(["git", "rebase", "--abort"])
        session.use_tool()
    elif what < 0.85:
        session.read_inbox()
        session.use_tool()
    elif what < 0.89:
        session.call("SessionStart", source="compact")
        if choose.random() < 0.8:
            session.answer()
    elif what < 0.94:
        session.kill()
        sessions.remove(session)
        sessions.append(Session(world, task))
    elif what < 0.97:
        session.kill()
        session.resume()
    elif sum(other.task == task for other in sessions) == 1:
        sessions.append(Session(world, task))


def end(world, sessions, task):
    """A task is over: its work is merged, or thrown away."""
    for session in [session for session in sessions if session.task == task]:
        session.kill()
        sessions.remove(session)
    world.ended.add(task)
    before = len(world.events("TaskCompleted", "TaskCancelled"))
    if len(world.ended) % 2:
        world.commit(task, "merged", "work\n")
        world.git("shop", "pull", "-q", "--rebase")
        world.git("shop", "merge", "-q", "--no-ff", "-X", "ours", "-m", f"Merge {task}", task)
        world.git("shop", "push", "-q")
    else:
        world.git("shop", "worktree", "remove", "--force", f"../{task}")
    wait_until(
        lambda: len(world.events("TaskCompleted", "TaskCancelled")) > before, f"the end of {task}", 60,
    )


def day(world):
    # Two tasks begin in the middle, and one never does.
    morning, later = world.tasks[:-3], world.tasks[-3:-1]
    sessions = [Session(world, task) for task in morning]
    for session in sessions:
        session.prompt()
        session.answer()
    for number in range(options.moves):
        world.move_main(number)
        for _ in range(options.actions):
            act(world, sessions)
        if number in (3, 6) and later:
            sessions.append(Session(world, later.pop()))
        if number in (5, 9):
            end(world, sessions, choose.choice([s.task for s in sessions]))
        if number == 7:
            world.run(np, "daemon", "stop", place="shop")
            act(world, sessions)
            world.run(np, "daemon", "start", place="shop")
    for session in sessions:
        session.prompt()
        session.answer()
    return sessions


def judge(world):
    """What is wrong, in sentences."""
    events = world.events()
    by_id = {event["id"]: event for event in events}
    read = collections.defaultdict(collections.Counter)
    handed_over = collections.defaultdict(collections.Counter)
    for event in events:
        if event["kind"] == "NotificationRead":
            told = by_id[event["payload"]["notification"]]
            is_order = told["kind"] == "RebaseRequired"
            read[event["payload"].get("session")]["RebaseRequired" if is_order else told["payload"]["message"]] += 1
            if is_order:
                handed_over[event["source_task"]][event["payload"]["commit"]] += 1
    wrong = []
    for session in Session.all:
        said, seen = +read.get(session.id, collections.Counter()), +session.seen
        if said != seen:
            wrong.append(f"{session.id} of {session.task} ({session.kind}): read {dict(said - seen)}, seen {dict(seen - said)}")
    known = {session.id for session in Session.all}
    wrong += [f"{session} is no session: {dict(words)}" for session, words in read.items() if session not in known]
    times = collections.Counter(word for session in Session.all for word in session.seen if word != "RebaseRequired")
    wrong += [f"{word} was seen by {count} sessions" for word, count in times.items() if count > 1]
    begun, orders, unread = set(), collections.Counter(), {}
    for event in events:
        if event["kind"] == "TaskStarted":
            begun.add(event["source_task"])
        elif event["kind"] in ("TaskCompleted", "TaskFailed", "TaskCancelled"):
            begun.discard(event["source_task"])
            unread.pop(event["source_task"], None)
        elif event["kind"] == "RebaseRequired":
            task = event["target_task"]
            orders[task] += 1
            if task not in begun:
                wrong.append(f"{task} is told to rebase and has not begun, or has ended")
            if task in unread:
                wrong.append(f"{task} is told to rebase again before it has read that")
            unread[task] = event["id"]
        elif event["kind"] == "RebaseCompleted" and unread.get(event["source_task"]) == event["payload"].get("cause"):
            del unread[event["source_task"]]  # it has done so before the log could say that it has read it
        elif event["kind"] in ("NotificationRead", "NotificationSuperseded"):
            ids = event["payload"].get("notifications", [event["payload"].get("notification")])
            if unread.get(event["source_task"]) in ids:
                del unread[event["source_task"]]
    for task, mains in handed_over.items():
        wrong += [f"{task} was told {count} times of one main" for count in mains.values() if count > 2]
    return wrong, orders, handed_over, events


with Directory() as directory:
    world = World(directory)
    try:
        day(world)
        deadline = time.monotonic() + 30
        while (result := judge(world))[0] and time.monotonic() < deadline:
            time.sleep(0.5)  # a mark that could not be made in time is made in the background
    finally:
        for session in Session.all:
            session.agent.kill()
        world.run(np, "daemon", "stop", place="shop", check=False)
    wrong, orders, handed_over, events = result
    seen = sum(sum(session.seen.values()) for session in Session.all)
    print(
        f"{options.tasks} tasks, {sum(event['kind'] == 'MainUpdated' for event in events)} moves of main, "
        f"{len(Session.all)} sessions, {world.words} nudges: {seen} messages seen; "
        f"{sum(orders.values())} RebaseRequired of {len(events)} events, "
        f"{sum(map(len, handed_over.values()))} mains handed over; {len(wrong)} wrong (seed {options.seed})"
    )
    for sentence in wrong[:20]:
        print("  " + sentence)
    if wrong:
        for session in Session.all:
            if any(sentence.startswith(session.id + " ") for sentence in wrong):
                print(f"  what {session.id} of {session.task} called: {session.calls}")
        for task in world.tasks:
            if any(task in sentence.split() for sentence in wrong):
                about = [event for event in events if task in (event["source_task"], event["target_task"])]
                print("\n".join(f"    {json.dumps(event)}" for event in about))
        sys.exit("FAILED")
