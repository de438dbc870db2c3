#!/usr/bin/env python3
"""A day of eight agents at once, by a script, and whether the log tells it as it was: waits, turns, endings, conflicts.

Agents use tools, ask for permission, ask questions, fail, run checks, have subagents, reach a limit, are refused,
interrupted, and killed; meanwhile main moves, and some rebases stop on conflicts. Agents are processes of their own, which
call np's hooks with what Claude Code and Codex tell. A judge that knows the script compares: every wait has one beginning and
one end, with the right `how` and within 2 s of the truth; every turn has one receipt, whose tools, failures, checks, and
files are the script's; every ending names the beginning it ends; every conflict names the commit of main that caused it;
there are at most 2 lines for a turn, 2 for a wait, and 1 for a message; and nothing that was typed, told, or answered is in
any file. `--seed N` repeats a day."""

import collections
import json
import pathlib
import random
import sys
import threading
import time
from datetime import datetime

from scripted import AgentProcess, Surroundings
from support import Directory, arguments, program, require

options = arguments(__doc__.splitlines()[0], seed=1, agents=8, turns=8)
np = program(options.bin, "np")
SECRET = "secret-text"
TOLERANCE = 2  # seconds
# What begins what an event ends.
BEGINNINGS = {
    "TaskCompleted": "TaskStarted", "TaskCancelled": "TaskStarted", "TaskFailed": "TaskStarted", "RunEnded": "RunStarted",
    "LockReleased": "LockAcquired", "AgentSessionEnded": "AgentSessionStarted", "AgentTurnEnded": "AgentTurnStarted",
    "AgentResumed": "AgentWaiting", "AgentSubagentEnded": "AgentSubagentStarted", "SessionEnded": "SessionStarted",
}


class World(Surroundings):
    def __init__(self, directory):
        super().__init__(directory, np)
        self.lock = threading.Lock()
        self.git(directory, "init", "-q", "-b", "main", "shop")
        self.commit("shop", "common", "begin\n")
        self.tasks = [f"task-{number}" for number in range(options.agents)]
        self.begin(self.tasks)
        self.conflicts = {}  # the commit of main that a task's rebase must meet
        self.nudges = 0


class Turn:
    def __init__(self):
        self.tools, self.failed, self.checks = collections.Counter(), 0, collections.Counter()
        self.files, self.subagents, self.end = set(), 0, {}


class Session:
    """An agent's session, and what is true of it."""

    all = []

    def __init__(self, world, task, number, choose):
        Session.all.append(self)
        self.world, self.task, self.choose = world, task, choose
        self.id = f"s-{task}-{number}"
        self.kind = "codex" if int(task.split("-")[1]) % 3 == 2 else "claude"
        self.turns, self.waits, self.uses = [], [], 0
        self.transcript = f"{world.directory}/{self.id}.jsonl"
        self.agent = AgentProcess(world, task, self.id)
        self.call("SessionStart", source="startup")

    # -- What the agent does

    def call(self, event, **more):
        call = {"session_id": self.id, "hook_event_name": event, "cwd": self.world.path(self.task),
                "transcript_path": self.transcript, **more}
        code, _, error = self.agent.execute([np, "hook", self.kind], json.dumps(call))
        require(code == 0 and not error, f"the hook of {event} says {error}")

    def pause(self, least, most):
        time.sleep(self.choose.uniform(least, most))

    def finish(self, tool, input, is_failure=False, duration=5, **more):
        """A tool has ended."""
        self.uses += 1
        turn = self.turns[-1]
        turn.tools[tool] += 1
        told = {"duration_ms": duration} if duration and self.kind == "claude" else {}
        answer = {"error": SECRET} if is_failure else {"tool_response": {"stdout": SECRET}}
        turn.failed += is_failure
        self.call("PostToolUseFailure" if is_failure else "PostToolUse", tool_name=tool, tool_input=input,
                  tool_use_id=f"use-{self.id}-{self.uses}", **told, **answer, **more)

    def write(self):
        name = f"file-{self.choose.randrange(6)}"
        self.turns[-1].files.add(name)
        if self.kind == "codex":
            patch = f"*** Begin Patch\n*** Update File: {name}\n@@\n-{SECRET}\n+{SECRET}\n*** End Patch"
            self.finish("apply_patch", {"command": patch})
        else:
            self.finish("Write", {"file_path": self.world.path(f"{self.task}/{name}"), "content": SECRET})

    def check(self):
        is_failure = self.kind == "claude" and self.choose.random() < 0.6
        self.turns[-1].checks["make test", is_failure] += 1
        self.finish("Bash", {"command": f"make test {SECRET}"}, is_failure)

    def delegate(self):
        who = {"agent_id": f"sub-{self.id}-{self.uses}", "agent_type": "Explore"}
        self.turns[-1].subagents += 1
        self.call("SubagentStart", **who)
        self.finish("Read", {"file_path": SECRET}, **who)
        self.call("SubagentStop", **who, last_assistant_message=SECRET)
        # One that the agent has for itself.
        self.call("SubagentStop", agent_id="own", agent_type="", last_assistant_message=SECRET)

    # -- Waits

    def wait(self, reason, tool=None, **more):
        """Waits for a person, who takes a moment. The truth, to be completed."""
        wait = {"for": reason, "begin": time.time(), "tool": tool}
        self.waits.append(wait)
        self.call("PermissionRequest", tool_name=tool, **more)
        self.pause(2.5, 5)
        if self.kind == "claude" and self.choose.random() < 0.4:
            self.call("Notification", notification_type="permission_prompt", message=SECRET)
            self.pause(0.5, 1)
        wait["end"] = time.time()
        return wait

    def allowed(self):
        """A person says Yes to a command that then takes seconds, of which no hook tells before it has ended."""
        input = {"command": f"build {SECRET}"}
        self.wait("permission", "Bash", tool_input=input)["how"] = "allowed"
        begin = time.time()
        self.agent.execute(["sleep", str(self.choose.uniform(3, 6))])
        self.finish("Bash", input, duration=round((time.time() - begin) * 1000))

    def denied(self):
        """A person says No, of which no hook tells at all; the agent writes it down. That ends the turn."""
        self.wait("permission", "Bash", tool_input={"command": SECRET})["how"] = "denied"
        now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(self.waits[-1]["end"])) + ".500Z"
        line = {"type": "user", "timestamp": now, "toolUseResult": "User rejected tool use",
                "toolDenialKind": "user-rejected", "message": SECRET}
        with open(self.transcript, "a") as transcript:
            transcript.write(json.dumps(line) + "\n")
        self.turns[-1].end = {"inferred": True}
        self.pause(6, 8)  # until the next prompt is typed

    def asked(self):
        input = {"questions": [{"question": SECRET}]}
        self.wait("input", "AskUserQuestion", tool_input=input)["how"] = "answered"
        self.finish("AskUserQuestion", input | {"answers": {SECRET: SECRET}}, duration=None)

    def interrupted(self):
        """Codex tells that its user has stopped it."""
        self.wait("permission", "Bash", tool_input={"command": SECRET})["how"] = "aborted"
        self.turns[-1].end = {"interrupted": True}
        self.call("Interrupt")

    def limited(self):
        self.turns[-1].end = {"error": "rate_limit"}
        self.call("StopFailure", error="rate_limit", last_assistant_message=SECRET)

    def killed(self):
        self.wait("permission", "Bash", tool_input={"command": SECRET}).update(how="inferred", end=None)
        self.turns[-1].end = {"inferred": True}
        self.agent.kill()

    # -- Its day

    def end_idling(self, how):
        if self.waits and self.waits[-1]["how"] is None:
            self.waits[-1].update(how=how, end=time.time())

    def turn(self, ending):
        self.turns.append(Turn())
        self.end_idling("answered")
        self.call("UserPromptSubmit", prompt=SECRET)
        steps = [self.write, self.check] + ([self.delegate, self.asked] if self.kind == "claude" else [])
        for step in self.choose.sample(steps, 2):
            step()
            self.pause(0, 0.5)
        if self.choose.random() < 0.4:
            self.allowed()
        if ending:
            return ending(self)
        asks = self.choose.random() < 0.3
        self.turns[-1].end = {"asks": True} if asks else {}
        self.call("Stop", last_assistant_message=SECRET + ("?" if asks else "."), background_tasks=[])
        if self.kind == "claude" and self.choose.random() < 0.3:
            self.waits.append({"for": "idle", "begin": time.time(), "tool": None, "how": None})
            self.pause(2.5, 4)
            self.call("Notification", notification_type="idle_prompt", message=SECRET)
            self.pause(1, 2)

    def close(self):
        """The session's end, of which its hook tells."""
        self.end_idling("aborted")
        self.call("SessionEnd", reason="other")
        self.agent.kill()


def meet(world, session):
    """A rebase that stops on a conflict with a commit of main."""
    with world.lock:
        world.commit("shop", "common", f"main {session.task}\n")
        world.conflicts[session.task] = world.git("shop", "rev-parse", "HEAD").strip()
    world.commit(session.task, "common", f"{session.task}\n")
    code, _, _ = session.agent.execute([np, "rebase"])
    require(code != 0, f"the rebase of {session.task} met no conflict")
    session.agent.execute(["git", "rebase", "--abort"])


def work(world, task, failures):
    choose = random.Random(f"{options.seed} {task}")
    try:
        session, number = Session(world, task, 0, choose), 0
        claude = [Session.denied, Session.limited, Session.killed, None, None, None]
        endings = [Session.interrupted, Session.killed, None, None] if session.kind == "codex" else claude
        for count in range(options.turns):
            ending = choose.choice(endings)
            session.turn(ending)
            if ending == Session.killed:
                number += 1
                session = Session(world, task, number, choose)
            if choose.random() < 0.3:
                world.run(np, "nudge", choose.choice(world.tasks), f"{task} {count}", place="shop")
                with world.lock:
                    world.nudges += 1
            if choose.random() < 0.2:
                world.run(np, "lock", "build", "--", "sleep", "1.5", place=task)
            if count == 2 and choose.random() < 0.6:
                meet(world, session)
        session.close()
    except BaseException as error:
        failures.append(f"{task}: {error!r}")


def end(world):
    """Half of the work is merged, and half thrown away."""
    for number, task in enumerate(world.tasks):
        if number % 2:
            world.commit(task, f"work-{task}", "work\n")
            world.git("shop", "merge", "-q", "--no-ff", "-X", "ours", "-m", f"Merge {task}", task)
        else:
            world.git("shop", "worktree", "remove", "--force", f"../{task}")


# -- The judge

def seconds(event):
    return datetime.fromisoformat(event["timestamp"].replace("Z", "+00:00")).timestamp()


def beginnings_and_ends(events, end):
    """The events that begin something, and of each what its ends say."""
    ends = collections.defaultdict(list)
    for event in events:
        if event["kind"] == end:
            ends[event["payload"].get("begin")].append(event["payload"])
    return [event for event in events if event["kind"] == BEGINNINGS[end]], ends


def waits_wrong(session, events):
    begun, ends = beginnings_and_ends(events, "AgentResumed")
    if len(begun) != len(session.waits):
        yield f"{len(begun)} waits, and there were {len(session.waits)}"
        return
    for event, truth in zip(begun, session.waits):
        told, since = event["payload"], event["payload"].get("since")
        begin = datetime.fromisoformat(since.replace("Z", "+00:00")).timestamp() if since else seconds(event)
        what = f"the wait for {truth['for']} ({truth['how']})"
        if told["for"] != truth["for"] or told.get("tool") != truth["tool"]:
            yield f"{what} is told as {told}"
        if abs(begin - truth["begin"]) > TOLERANCE:
            yield f"{what} begins {begin - truth['begin']:+.1f} s from the truth"
        if len(ends[event["id"]]) != 1:
            yield f"{what} has {len(ends[event['id']])} ends"
            continue
        end = ends[event["id"]][0]
        if end["how"] != truth["how"]:
            yield f"{what} ended as {end}"
        if truth["end"]:
            off = begin + end.get("waited_ms", 1e9) / 1000 - truth["end"]
            if abs(off) > TOLERANCE:
                yield f"{what} ends {off:+.1f} s from the truth: {end}"


def turns_wrong(session, events):
    begun, ends = beginnings_and_ends(events, "AgentTurnEnded")
    if len(begun) != len(session.turns):
        yield f"{len(begun)} turns, and there were {len(session.turns)}"
        return
    for number, (event, turn) in enumerate(zip(begun, session.turns)):
        if len(ends[event["id"]]) != 1:
            yield f"turn {number} has {len(ends[event['id']])} receipts"
            continue
        end = ends[event["id"]][0]
        tools = end.get("tools", {"n": 0, "failed": 0})
        told = {
            "names": tools.get("names", {}), "n": tools["n"], "failed": tools["failed"],
            "failures": sum(failure["n"] for failure in end.get("failures", [])),
            "files": set(end.get("files", [])), "subagents": end.get("subagents", 0),
            "checks": {check["check"]: (check["n"], check["failed"]) for check in end.get("checks", [])},
            "end": {key: end[key] for key in ("asks", "interrupted", "error", "inferred") if key in end},
        }
        count = sum(turn.checks.values())
        truth = {
            "names": dict(turn.tools), "n": sum(turn.tools.values()), "failed": turn.failed, "failures": turn.failed,
            "files": turn.files, "subagents": turn.subagents,
            "checks": {"make test": (count, turn.checks["make test", True])} if count else {},
            "end": turn.end,
        }
        for key in truth:
            if told[key] != truth[key]:
                yield f"turn {number}: {key} is {told[key]}, and was {truth[key]}"


def judge(world):
    """What is wrong, in sentences."""
    events, wrong = world.events(), []
    by_id = {event["id"]: event for event in events}
    for session in Session.all:
        own = [event for event in events if event["payload"].get("session") == session.id]
        wrong += [f"{session.id}: {sentence}" for sentence in [*waits_wrong(session, own), *turns_wrong(session, own)]]
        if {event["source_task"] for event in own} != {session.task}:
            wrong.append(f"{session.id} is in {sorted({str(event['source_task']) for event in own})}")
        count = sum(event["kind"] == "AgentSessionEnded" for event in own)
        if count != 1:
            wrong.append(f"{session.id} has {count} ends")
    for event in events:
        if (kind := BEGINNINGS.get(event["kind"])) is None:
            continue
        begin = by_id.get(event["payload"].get("begin"))
        if begin is None or begin["kind"] != kind or begin["source_task"] != event["source_task"]:
            wrong.append(f"{event['kind']} of {event['source_task']} names as its beginning {begin}")
    ended = {event["source_task"] for event in events if event["kind"] in ("TaskCompleted", "TaskCancelled")}
    wrong += [f"{task} has no end" for task in world.tasks if task not in ended]
    for task, commit in world.conflicts.items():
        met = [event["payload"] for event in events if event["kind"] == "RebaseConflict" and event["source_task"] == task]
        commits = [found["commit"] for told in met for touched in told["touched"] if touched["file"] == "common"
                   for found in touched["commits"]]
        if len(met) != 1 or commit not in commits:
            wrong.append(f"the conflict of {task} with {commit} is told as {met}")
    turns = sum(len(session.turns) for session in Session.all)
    waits = sum(len(session.waits) for session in Session.all)
    count = collections.Counter(event["kind"] for event in events)
    for what, kinds, most in [
        ("turns", ("AgentTurnStarted", "AgentTurnEnded"), 2 * turns),
        ("waits", ("AgentWaiting", "AgentResumed"), 2 * waits),
        ("messages", ("NudgeSent",), world.nudges),
    ]:
        if (lines := sum(count[kind] for kind in kinds)) > most:
            wrong.append(f"{lines} lines for {what}, and {most} are enough")
    for path in pathlib.Path(world.data).rglob("*"):
        if path.is_file() and SECRET.encode() in path.read_bytes():
            wrong.append(f"{path.name} holds what was typed, told, or answered")
    return wrong, turns, waits, events


with Directory() as directory:
    world, failures = World(directory), []
    try:
        threads = [threading.Thread(target=work, args=(world, task, failures)) for task in world.tasks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        require(not failures, "; ".join(failures))
        end(world)
        deadline = time.monotonic() + 40
        while (result := judge(world))[0] and time.monotonic() < deadline:
            time.sleep(0.5)
    finally:
        for session in Session.all:
            session.agent.kill()
        world.run(np, "daemon", "stop", place="shop", check=False)
    wrong, turns, waits, events = result
    print(
        f"{options.agents} agents, {len(Session.all)} sessions, {turns} turns, {waits} waits, {len(world.conflicts)} conflicts, "
        f"{world.nudges} nudges: {len(events)} events; {len(wrong)} wrong (seed {options.seed})"
    )
    for sentence in wrong[:20]:
        print("  " + sentence)
    if wrong:
        for session in Session.all:
            if any(sentence.startswith(session.id + ":") for sentence in wrong):
                own = [event for event in events if event["payload"].get("session") == session.id]
                print("\n".join(f"    {json.dumps(event)}" for event in own))
        sys.exit("FAILED")
