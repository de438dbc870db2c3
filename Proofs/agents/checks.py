"""What must hold for real agents. Each check has a machine of its own, and judges by the log and by what the model was
given. Its parameters are that machine and the agents that it needs."""

import json
import re
import subprocess
import time
from datetime import datetime

from script import Call, Fail, Say
from support import require, wait_until
from terminal import ENTER, ESCAPE

CHECKS = {}
TOLD = ["AgentSessionStarted", "AgentTurnStarted", "AgentTurnEnded", "AgentSessionEnded"]
SECRET = "what is written in the file"


def check(*agents):
    def register(function):
        CHECKS[function.__name__] = (function, agents)
        return function
    return register


def require_place(agent, seen, place):
    require(agent.place(seen) == str(place), f"the agent worked in {agent.place(seen)}")


def require_task(world, seen, task):
    found = world.record.task(seen.session)
    require(found == task, f"its session is {found}'s")


def require_told(seen, word, times=1):
    require(seen.count(word) == times, f"it was told {word} {seen.count(word)} times")


def require_status(world, task, phase, source=None, detail="", flags=()):
    """np says how a task is, and by what. It need not know what has happened in this moment."""
    def fits():
        status = world.status(task)
        said.append({name: status[name] for name in ("phase", "detail", "evidence", "flags")})
        known = status["phase"] == phase and source in (None, status["evidence"]["source"])
        return known and detail in status["detail"] and set(flags) <= {flag["flag"] for flag in status["flags"]}
    said = []
    try:
        wait_until(fits, phase, seconds=5)
    except SystemExit:
        require(False, f"np says of {task} {said[-1]}, not {phase}, {source}, {detail}, {flags}")


def one_turn(world, agent):
    place = world.worktree("add-login")
    world.np("nudge", "add-login", "word-one")
    seen = agent.turn(place, agent.write(place / "a.txt", SECRET), Say("Written."))
    require((place / "a.txt").exists(), "the agent has not worked")
    require_place(agent, seen, place)
    world.record.wait_for("AgentSessionEnded", seen.session)
    told = world.record.kinds(seen.session)
    require(told == TOLD, f"the hooks tell {told}")
    require_task(world, seen, "add-login")
    begun = [event["source_task"] for event in world.record.events("TaskStarted")]
    require(begun == ["add-login"], f"the tasks that begin are {begun}")
    require_told(seen, "word-one")
    nudges, read = world.record.events("NudgeSent"), world.record.events("NotificationRead")
    ids = [event["payload"]["notification"] for event in read]
    require(ids == [event["id"] for event in nudges], f"the log says that {ids} was read")

    world.np("nudge", "add-login", "word-two")
    again = agent.next_turn(place, seen.session, Say("Yes."))
    require(again.session == seen.session, "the session was not resumed")
    require_told(again, "word-one")
    require_told(again, "word-two")
    for text in (SECRET, "Follow script"):
        require(not world.record.files(text), f"“{text}” is in {world.record.files(text)}")


@check("claude")
def claude_one_turn(world, claude):
    """A session belongs to its worktree, tells its turn, and gets what its task was told, once. Nothing private is
    recorded."""
    one_turn(world, claude)


@check("codex")
def codex_one_turn(world, codex):
    """The same for Codex."""
    one_turn(world, codex)


@check("claude")
def claude_background_service(world, claude):
    """Sessions in Claude Code's background service belong to their worktrees. The service has inherited the task of a
    run that goes on; that counts only in the run's own worktree."""
    one, two = world.worktree("one"), world.worktree("two")
    claude.trust(one, two)
    world.np("nudge", "two", "word-two")
    first, second = (claude.model.prompt(Say("Hello.")) for _ in range(2))
    command = f"'{claude.program}' --bg '{first}' && exec sleep 1000"
    run = world.start(world.np_program, "run", "--task", "starter", "--", "sh", "-c", command, cwd=one)
    begun = claude.wait_for_request(first)
    require_task(world, begun, "starter")
    world.np("nudge", "starter", "word-starter")
    world.run(claude.program, "--bg", second, cwd=two)
    seen = claude.wait_for_request(second)
    world.record.wait_for("AgentTurnEnded", seen.session)
    require(run.poll() is None, "the run has ended")
    require_place(claude, seen, two)
    require_task(world, seen, "two")
    require_told(seen, "word-two")
    require_told(seen, "word-starter", 0)


@check("claude")
def claude_own_worktree(world, claude):
    """A worktree that Claude Code makes when it starts is a task of its own."""
    place = world.project / ".claude/worktrees/own"
    seen = claude.turn(world.project, Say("Hello."), words=["--worktree", "own"])
    require_place(claude, seen, place)
    require_task(world, seen, "own")
    world.np("nudge", "own", "word-own")
    require_told(claude.next_turn(place, seen.session, Say("Yes.")), "word-own")


@check("claude")
def claude_moves(world, claude):
    """A session that moves to a worktree with Claude Code's own tool belongs to that from then on."""
    place = world.project / ".claude/worktrees/moved"
    seen = claude.turn(world.project, *claude.move("moved"), Say("There."))
    require_place(claude, seen, place)
    tasks = [event["source_task"] for event in world.record.events(session=seen.session)]
    require(tasks == ["project", "project", "moved", "moved"], f"the beginnings and the ends are those of {tasks}")
    world.np("nudge", "project", "word-project")
    world.np("nudge", "moved", "word-moved")
    again = claude.next_turn(place, seen.session, Say("Yes."))
    require_told(again, "word-moved")
    require_told(again, "word-project", 0)


@check("claude")
def claude_moves_back(world, claude):
    """A session that moves to a worktree and returns belongs to where it began."""
    seen = claude.turn(world.project, *claude.move("moved"), claude.move_back(), Say("Here."))
    require_place(claude, seen, world.project)
    tasks = [event["source_task"] for event in world.record.events("TaskStarted")]
    require(tasks == ["project", "moved"], f"the tasks that begin are {tasks}")
    require_task(world, seen, "project")


@check("claude")
def claude_many_at_once(world, claude):
    """Of many agents that begin in one worktree at the same time, one is told what its task was told."""
    place = world.worktree("crowd")
    world.np("nudge", "crowd", "word-crowd")
    prompts = [claude.model.prompt(Say("Hello.")) for _ in range(5)]
    for agent in [world.start(*claude.command(prompt), cwd=place) for prompt in prompts]:
        agent.wait()
    seen = [claude.model.conversation(prompt) for prompt in prompts]
    told = sorted(conversation.count("word-crowd") for conversation in seen)
    require(told == [0, 0, 0, 0, 1], f"they were told the nudge {told} times")
    for conversation in seen:
        require_task(world, conversation, "crowd")
        kinds = world.record.kinds(conversation.session)
        require(kinds == TOLD, f"the hooks tell {kinds}")


@check("codex")
def codex_own_worktrees(world, codex):
    """Each worktree that Codex makes for itself is a task of its own, though their directories have the same name."""
    options = ["--enable", "worktrees", "--worktree"]
    seen = [codex.turn(world.project, Say("Hello."), words=options) for _ in range(2)]
    places = [codex.place(conversation) for conversation in seen]
    require(len({*places, str(world.project)}) == 3, f"Codex worked in {places}")
    require(all(place.endswith("/project") for place in places), f"the worktrees have names of their own: {places}")
    tasks = [world.record.task(conversation.session) for conversation in seen]
    require(len({*tasks, "project"}) == 3, f"their tasks are {tasks}")
    world.np("nudge", tasks[1], "word-second")
    again = [codex.next_turn(place, before.session, Say("Yes.")) for place, before in zip(places, seen)]
    require_told(again[0], "word-second", 0)
    require_told(again[1], "word-second")


@check("codex")
def codex_resumed_elsewhere(world, codex):
    """A session that is resumed in another worktree is that worktree's from then on, and is told what that was told."""
    one, two = world.worktree("one"), world.worktree("two")
    before = codex.turn(one, Say("Hello."))
    require_task(world, before, "one")
    world.np("nudge", "one", "word-one")
    world.np("nudge", "two", "word-two")
    seen = codex.next_turn(two, before.session, Say("Yes."))
    require(seen.session == before.session, "the session was not resumed")
    require_place(codex, seen, two)
    turns = [event["source_task"] for event in world.record.events("AgentTurnEnded")]
    require(turns == ["one", "two"], f"its turns are those of {turns}")
    require_told(seen, "word-one", 0)
    require_told(seen, "word-two")


@check("claude")
def same_name_elsewhere(world, claude):
    """What a task was told doesn't reach an agent in a worktree of the same name, of another repository."""
    ours, elsewhere = world.worktree("alike"), world.places / "elsewhere"
    world.repository(elsewhere)
    world.np("init", "--no-daemon", cwd=elsewhere)
    theirs = world.worktree("others/alike", elsewhere)
    world.np("nudge", "alike", "word-alike")
    seen = claude.turn(theirs, Say("Hello."))
    require_told(seen, "word-alike", 0)
    require(world.record.task(seen.session) != "alike", "its session is the other task's")
    require(not world.record.events("NotificationRead"), "the log says that the nudge was read")
    seen = claude.turn(ours, Say("Hello."))
    require_task(world, seen, "alike")
    require_told(seen, "word-alike")


@check("claude")
def another_process_namespace(world, claude):
    """np in a container, which sees no processes but its own, doesn't say that an agent outside of it has ended; its
    end is logged when it comes."""
    place = world.worktree("long")
    prompt = claude.model.prompt(claude.wait(), Say("Done."))
    agent = world.start(*claude.command(prompt), cwd=place)
    session = claude.wait_for_request(prompt).session
    require_status(world, "long", "working", "process", "runs a command")
    # The run looks for what has ended in the background, which ends with the container; the watch looks before it ends.
    commands = f"'{world.np_program}' run --task other -- true && '{world.np_program}' watch --once"
    world.run("unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", commands, cwd=place)
    told = world.record.kinds(session)
    require(agent.poll() is None and told == TOLD[:2], f"while the agent works, its session tells {told}")
    agent.kill()
    agent.wait()
    world.record.wait_for("AgentSessionEnded", session)
    end = world.record.events("AgentSessionEnded", session)
    require([event["payload"].get("inferred") for event in end] == [True], f"its end is {end}")


# Waits and turns

def only(events, what):
    require(len(events) == 1, f"there are {len(events)} of {what}: {events}")
    return events[0]


def moment(event):
    return datetime.fromisoformat(event["timestamp"]).timestamp()


def require_wait(world, session, pressed, how, **members):
    """A wait ended when the key was pressed, as it says, to within 2 s."""
    waiting = only(world.record.events("AgentWaiting", session), "AgentWaiting")
    resumed = only(world.record.events("AgentResumed", session), "AgentResumed")
    told = resumed["payload"]
    require(told["begin"] == waiting["id"], f"{told} does not end {waiting['id']}")
    require(told["how"] == how, f"it ended as {told}")
    true = pressed - moment(waiting)
    require(abs(told["waited_ms"] / 1000 - true) < 2, f"after {true:.3f} s it says {told}")
    for name, value in members.items():
        require(told.get(name) == value, f"{name} is {told.get(name)}: {told}")


@check("claude")
def claude_waits_and_is_allowed(world, claude):
    """A wait for permission ends when it is given, not when the tool has ended, and is told while the tool runs."""
    place = world.worktree("long")
    prompt, screen = claude.terminal(place, claude.run("timeout 20 tail -f /dev/null; true"), Say("Done."))
    session = claude.wait_for_request(prompt).session
    world.record.wait_for("AgentWaiting", session)
    screen.wait_for("Do you want to proceed")
    require_status(world, "long", "asks", "log", "wants to use Bash")
    time.sleep(4)
    pressed = screen.press(ENTER)
    world.record.wait_for("AgentResumed", session)
    told = time.time() - pressed
    require(told < 5, f"it was told {told:.1f} s after it was allowed, while the tool ran for 20 s")
    require_status(world, "long", "working", "process", "runs a command")
    world.record.wait_for("AgentTurnEnded", session)
    require_status(world, "long", "stopped", "log")
    require_wait(world, session, pressed, "allowed", tool="Bash", inferred=None)
    receipt = only(world.record.events("AgentTurnEnded", session), "AgentTurnEnded")["payload"]
    require(receipt["tools"]["n"] == 1 and 2000 < receipt["waits_ms"] < 12000, f"the receipt is {receipt}")
    screen.close()


def refuse(world, claude, key=None):
    place = world.worktree("refused")
    prompt, screen = claude.terminal(place, claude.run("touch secret-file"), Say("Done."))
    session = claude.wait_for_request(prompt).session
    world.record.wait_for("AgentWaiting", session)
    screen.wait_for("Do you want to proceed")
    time.sleep(3)
    pressed = screen.press(key or screen.choice("No"))
    world.record.wait_for("AgentResumed", session)
    require_wait(world, session, pressed, "denied", tool="Bash", inferred=None)
    require(world.status("refused")["phase"] != "asks", "np says that it still asks")
    screen.close()
    world.record.wait_for("AgentSessionEnded", session)
    receipt = only(world.record.events("AgentTurnEnded", session), "AgentTurnEnded")["payload"]
    require(receipt["tools"]["n"] == 0 and receipt["inferred"], f"the receipt is {receipt}")
    require(not (place / "secret-file").exists(), "the tool was used")
    require(not world.record.files("secret-file"), "its command is recorded")


@check("claude")
def claude_waits_and_is_refused(world, claude):
    """A wait ends when the person says No, of which no hook tells."""
    refuse(world, claude)


@check("claude")
def claude_waits_and_is_escaped(world, claude):
    """A wait ends when the person closes the dialog with Escape, of which no hook tells."""
    refuse(world, claude, ESCAPE)


@check("claude")
def claude_asks_and_is_answered(world, claude):
    """A question of the agent's own is a wait for input, which ends with the answer."""
    place = world.worktree("asks")
    prompt, screen = claude.terminal(place, claude.ask("Which one?", "this", "that"), Say("Shall I go on?"))
    session = claude.wait_for_request(prompt).session
    world.record.wait_for("AgentWaiting", session)
    screen.wait_for("Which one?")
    require_status(world, "asks", "asks", "log", "waits for an answer")
    time.sleep(3)
    pressed = screen.press(ENTER)
    world.record.wait_for("AgentTurnEnded", session)
    require_status(world, "asks", "asked", "log")
    require_wait(world, session, pressed, "answered", tool="AskUserQuestion", **{"for": "input"})
    receipt = only(world.record.events("AgentTurnEnded", session), "AgentTurnEnded")["payload"]
    require(receipt.get("asks") is True, f"the receipt is {receipt}")
    require(not world.record.files("Which one") and not world.record.files("Shall I go"), "a question is recorded")
    screen.close()


@check("claude")
def claude_is_killed_while_it_waits(world, claude):
    """What a killed agent was in the middle of ends, in order, each with its beginning."""
    place = world.worktree("killed")
    prompt, screen = claude.terminal(place, claude.run("touch secret-file"), Say("Done."))
    session = claude.wait_for_request(prompt).session
    world.record.wait_for("AgentWaiting", session)
    screen.close()
    world.record.wait_for("AgentSessionEnded", session)
    told = world.record.kinds(session)
    require(told == [*TOLD[:2], "AgentWaiting", "AgentResumed", *TOLD[2:]], f"the log has {told}")
    resumed = only(world.record.events("AgentResumed", session), "AgentResumed")["payload"]
    require(resumed["how"] == "inferred" and resumed["inferred"], f"the wait ended as {resumed}")
    require_status(world, "killed", "exited without a word", "log", "in the middle of a turn")


@check("claude")
def claude_leaves_a_receipt(world, claude):
    """A turn's receipt says what the script did: which tools, what failed how often, which check, which files."""
    place = world.worktree("receipt")
    (place / "Makefile").write_text("test:\n\ttest -e passes\n")
    steps = [claude.run("make test"), claude.run("make test"), claude.write(place / "passes", SECRET),
             claude.run("make test"), claude.run("exit 3 # secret-command"), Say("Shall I go on?")]
    seen = claude.turn(place, *steps)
    world.record.wait_for("AgentTurnEnded", seen.session)
    receipt = only(world.record.events("AgentTurnEnded", seen.session), "AgentTurnEnded")["payload"]
    expected = {"n": 5, "failed": 3, "denied": 0, "names": {"Bash": 4, "Write": 1}}
    require(receipt["tools"] == expected, f"the tools are {receipt['tools']}")
    require([failure["n"] for failure in receipt["failures"]] == [2, 1], f"the failures are {receipt['failures']}")
    check = {"check": "make test", "n": 3, "failed": 2, "last": "passed", "since_change": 0}
    require(receipt["checks"] == [check], f"the checks are {receipt['checks']}")
    require(receipt["files"] == ["passes"] and receipt["files_count"] == 1, f"the files are {receipt['files']}")
    begin = only(world.record.events("AgentTurnStarted", seen.session), "AgentTurnStarted")
    require(receipt["begin"] == begin["id"] and receipt["asks"], f"the receipt is {receipt}")
    for text in (SECRET, "secret-command", "Shall I go", "Follow script"):
        require(not world.record.files(text), f"“{text}” is in {world.record.files(text)}")


@check("claude")
def claude_gives_up(world, claude):
    """A check that failed twice, with no edit between, before the agent gave up: np says so, and so does np why."""
    place = world.worktree("lost")
    (place / "Makefile").write_text("test:\n\ttest -e passes\n")
    steps = [claude.run("make test"), claude.run("make test"), Say("I give up.")]
    prompt, screen = claude.terminal(place, *steps)
    session = claude.wait_for_request(prompt).session
    for _ in range(2):
        screen.wait_for("Do you want to proceed")
        screen.press(ENTER)
    world.record.wait_for("AgentTurnEnded", session)
    require_status(world, "lost", "check failed", "log", "make test failed 2 times")
    screen.close()
    why = world.np("why", "lost")
    words = "make test failed twice with no edit between, and claude then stopped"
    require(words in why, f"np why says {why}")


@check("claude")
def claude_reaches_a_limit(world, claude):
    """A turn that a rate limit ends has a receipt, which says so."""
    place = world.worktree("limited")
    # With -p it exits, and kills the hook that it calls.
    prompt, screen = claude.terminal(place, claude.write(place / "a.txt", SECRET), Fail(429, "rate_limit_error", "secret reason"))
    session = claude.wait_for_request(prompt).session
    world.record.wait_for("AgentWaiting", session)
    screen.wait_for("Do you want to create")
    screen.press(ENTER)
    world.record.wait_for("AgentTurnEnded", session)
    receipt = only(world.record.events("AgentTurnEnded", session), "AgentTurnEnded")["payload"]
    require(receipt.get("error") == "rate_limit" and receipt["tools"]["n"] == 1, f"the receipt is {receipt}")
    require(not world.record.files("secret reason"), "what the service said is recorded")
    require_status(world, "limited", "limited", "log")
    screen.close()


@check("claude")
def claude_has_a_subagent(world, claude):
    """A subagent begins and ends, and its tools count in the receipt."""
    place = world.worktree("helped")
    seen = claude.turn(place, claude.delegate(claude.run("true"), Say("Helped.")), Say("Done."))
    world.record.wait_for("AgentSessionEnded", seen.session)
    started = only(world.record.events("AgentSubagentStarted", seen.session), "AgentSubagentStarted")
    ended = only(world.record.events("AgentSubagentEnded", seen.session), "AgentSubagentEnded")
    require(ended["payload"]["begin"] == started["id"], f"it ended as {ended}")
    receipts = [event["payload"] for event in world.record.events("AgentTurnEnded", seen.session)]
    tools = [receipt["tools"].get("names", {}) for receipt in receipts]
    require(sum(names.get("Bash", 0) for names in tools) == 1, f"the tools are {tools}")
    require(sum(receipt.get("subagents", 0) for receipt in receipts) == 1, f"the receipts are {receipts}")


@check("codex")
def codex_leaves_a_receipt(world, codex):
    """The same for Codex, which does not say whether a command failed."""
    place = world.worktree("receipt")
    seen = codex.turn(place, codex.write(place / "a.txt", SECRET), Say("Shall I go on?"))
    receipt = only(world.record.events("AgentTurnEnded", seen.session), "AgentTurnEnded")["payload"]
    require(receipt["tools"]["names"] == {"apply_patch": 1}, f"the tools are {receipt['tools']}")
    require(receipt["files"] == ["a.txt"] and receipt["asks"], f"the receipt is {receipt}")


# Hooks by version

def events(path):
    return json.loads(path.read_text())["hooks"].keys()


@check("claude")
def claude_knows_its_hooks(world, claude):
    """Claude Code knows every event that np init registers for its version, and says nothing of its settings."""
    settings = world.home / ".claude/settings.json"
    require(len(events(settings)) == 19, f"np init has registered {', '.join(events(settings))}")
    require(not world.remarks("Claude Code"), f"np init --status says {world.remarks('Claude Code')}")
    log = world.home / "debug.txt"
    place = world.worktree("known")
    seen = claude.turn(place, Say("Hello."), words=["--debug-file", str(log)])
    world.record.wait_for("AgentSessionEnded", seen.session)
    said = [line for line in log.read_text().splitlines() if "hook event" in line or "Invalid" in line]
    require(not said, f"Claude Code says {said}")


@check("claude")
def claude_keeps_a_list(world, claude):
    """A step of Claude Code's own list is told when it is made and when it is done, by its number alone."""
    # Some of its models have none unless they are told to.
    world.environment["CLAUDE_CODE_ENABLE_TODO_TOOLS"] = "1"
    prompt, screen = claude.terminal(world.worktree("listed"), *claude.plan("secret step"), Say("Done."))
    session = claude.wait_for_request(prompt).session
    world.record.wait_for("AgentTurnEnded", session)
    screen.close()
    made = only(world.record.events("AgentTaskCreated", session), "AgentTaskCreated")["payload"]
    done = only(world.record.events("AgentTaskCompleted", session), "AgentTaskCompleted")["payload"]
    require(made["task_id"] == done["task_id"] == "1", f"it made {made}, and did {done}")
    require(not world.record.files("secret step"), "the step is recorded")


@check("claude")
def claude_compacts(world, claude):
    """A compaction is told before the context is lost, and the session goes on."""
    place = world.worktree("compacted")
    prompt, screen = claude.terminal(place, Say("Hello."))
    session = claude.wait_for_request(prompt).session
    world.record.wait_for("AgentTurnEnded", session)
    time.sleep(3)
    screen.press("/compact")
    time.sleep(1)
    screen.press(ENTER)
    world.record.wait_for("AgentCompacting", session)
    told = only(world.record.events("AgentCompacting", session), "AgentCompacting")["payload"]
    require(told["trigger"] == "manual", f"it is told as {told}")
    wait_until(lambda: len(world.record.events("AgentSessionStarted", session)) == 2, "the session to begin once more")
    screen.close()


@check("codex")
def codex_trust_is_told(world, codex):
    """np init --status says of Codex' hooks what Codex itself says: before a person has trusted them, after that, and when
    they have changed since. Trusted ones run without the option of the other checks."""
    settings = world.home / ".codex/hooks.json"
    statuses, warnings = codex.hooks()
    require(len(events(settings)) == 10 and set(statuses.values()) == {"untrusted"}, f"Codex says {statuses}")
    require(not warnings, f"Codex warns: {warnings}")
    require(world.remarks("Codex")[0].startswith("not trusted: start codex once"), f"{world.remarks('Codex')}")
    screen = codex.terminal()
    screen.wait_for("Trust all and continue")
    time.sleep(3)  # It takes no keys at first.
    screen.press("2")
    screen.wait_for("Trust all and continue")
    screen.press(ENTER)
    wait_until(lambda: not world.remarks("Codex"), "np init --status to say that Codex' hooks are trusted")
    screen.close()
    statuses, _ = codex.hooks()
    require(set(statuses.values()) == {"trusted"}, f"Codex says {statuses}")
    place = world.worktree("trusted")
    prompt = codex.model.prompt(Say("Hello."))
    world.run(codex.program, "exec", "--sandbox", "danger-full-access", prompt, cwd=place)
    session = codex.model.conversation(prompt).session
    world.record.wait_for("AgentSessionEnded", session)
    require(world.record.kinds(session) == TOLD, f"the hooks tell {world.record.kinds(session)}")

    # A person changes one.
    settings.write_text(settings.read_text().replace('"timeout": 5', '"timeout": 7', 1))
    statuses, _ = codex.hooks()
    changed = [event for event, status in statuses.items() if status != "trusted"]
    require(changed == ["sessionStart"] and statuses["sessionStart"] == "modified", f"Codex says {statuses}")
    expected = "not trusted, because new or changed: SessionStart; start codex once and trust its hooks"
    require(world.remarks("Codex") == [expected], f"np init --status says {world.remarks('Codex')}")


# Messages to an agent at work

def long_turn(agent, go, *steps):
    """A turn in which a command runs until a file is there."""
    return agent.model.prompt(agent.run(wait_for(go)), *steps, Say("Done."))


def wait_for(file):
    # An agent may refuse a plain sleep.
    return f"until [ -e '{file}' ]; do timeout 0.1 tail -f /dev/null; done; true"


def told_in_a_long_turn(world, agent, how):
    place, go = world.worktree("long"), world.places / "go"
    prompt = long_turn(agent, go)
    process = world.start(*agent.command(prompt), cwd=place)
    session = agent.wait_for_request(prompt).session
    world.np("nudge", "long", "word-long")
    world.git("commit", "-q", "--allow-empty", "-m", "second", cwd=world.project)
    wait_until(lambda: world.record.events("RebaseRequired"), "an order to rebase")
    go.touch()
    require(process.wait() == 0, "the agent failed")
    seen = agent.model.conversation(prompt)
    require_told(seen, "word-long")
    require_told(seen, "commit behind", 0)
    reading = only(world.record.events("NotificationRead", session), "NotificationRead")["payload"]
    require(reading["how"] == how, f"it was read with {reading}")
    again = agent.next_turn(place, session, Say("Yes."))
    require_told(again, "word-long")
    require_told(again, f"{world.np_program} rebase")


@check("claude")
def claude_is_told_in_a_long_turn(world, claude):
    """What the user says while the only turn of `claude -p` goes on reaches the model before it ends; an order to rebase
    waits for the next prompt, and names np so that the agent can run it."""
    told_in_a_long_turn(world, claude, "np hook claude PostToolBatch")


@check("codex")
def codex_is_told_in_a_long_turn(world, codex):
    """The same for `codex exec`."""
    told_in_a_long_turn(world, codex, "np hook codex PostToolUse")


@check("claude")
def claude_is_told_and_not_its_subagent(world, claude):
    """What comes while a subagent works is for its session's own conversation."""
    place, one, two = world.worktree("helped"), world.places / "one", world.places / "two"
    helping = claude.model.prompt(claude.run(wait_for(one)), Say("Helped."))
    delegation = Call("Agent", {"description": "help", "prompt": helping, "subagent_type": "general-purpose"})
    prompt = claude.model.prompt(delegation, claude.run(wait_for(two)), Say("Done."))
    process = world.start(*claude.command(prompt), cwd=place)
    session = claude.wait_for_request(prompt).session
    world.record.wait_for("AgentSubagentStarted", session)
    require_status(world, "helped", "working", "process", "1 subagent")
    wait_until(lambda: any(prompt in seen.text and helping in seen.text for seen in claude.model.conversations),
               "the session to go on beside its subagent")
    world.np("nudge", "helped", "word-helped")
    one.touch()
    world.record.wait_for("AgentSubagentEnded", session)
    two.touch()
    require(process.wait() == 0, "the agent failed")
    helper = [seen for seen in claude.model.conversations if helping in seen.text and prompt not in seen.text]
    require(len(helper) == 2, f"the subagent asked the model {len(helper)} times")
    require(not any(seen.count("word-helped") for seen in helper), "the subagent was told")
    require_told(claude.model.conversation(prompt), "word-helped")
    only(world.record.events("NotificationRead", session), "NotificationRead")


@check("codex")
def codex_sandbox_is_opened(world, codex):
    """What np init says of Codex's sandbox is so: np cannot be used in it until its user has put the lines there."""
    place = world.worktree("kept")
    uses = ("emit TaskStarted --task free", "lock l -- true", "nudge kept word", "inbox kept --ack")
    command = "; ".join(f"{world.np_program} {use}; echo exit-$?" for use in uses)

    def exits():
        prompt = codex.model.prompt(codex.run(command), Say("Done."))
        # The home is in the directory for temporary files, which the sandbox leaves open otherwise.
        closed = (f"-csandbox_workspace_write.exclude_{name}=true" for name in ("slash_tmp", "tmpdir_env_var"))
        world.run(*codex.command(prompt, *closed, sandbox="workspace-write"), cwd=place)
        return re.findall(r"exit-(\d)\\n", codex.model.conversation(prompt).text)

    require(exits() == ["1"] * 4, "np can be used in the sandbox")
    world.np("uninit", cwd=world.project)
    advice = [line for line in world.np("init", "--no-daemon", cwd=world.project).splitlines() if line[:4] == "    "]
    with open(world.home / ".codex/config.toml", "a") as settings:
        settings.write("\n".join(line.strip() for line in advice if "sandbox" in line or "writable" in line) + "\n")
    require(exits() == ["0"] * 4, f"np cannot be used in the sandbox with {advice}")


@check("claude")
def claude_is_woken(world, claude):
    """Where `[agents] wake` says so, a nudge wakes a session that has stopped, once, and reaches it with the prompt that this
    is; an order to rebase wakes nothing. Nothing is left of the hook when the session is killed, and `claude -p` ends at
    once."""
    settings = world.home / ".config/neuraphage/neuraphage.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[agents]\nwake = "messages"\n')
    world.np("init", "--no-daemon", cwd=world.project)
    place = world.worktree("idle")
    prompt, screen = claude.terminal(place, Say("First."), Say("Second."))
    session = claude.wait_for_request(prompt).session
    world.record.wait_for("AgentTurnEnded", session)
    world.git("commit", "-q", "--allow-empty", "-m", "second", cwd=world.project)
    wait_until(lambda: world.record.events("RebaseRequired"), "an order to rebase")
    time.sleep(3)
    turns = world.record.events("AgentTurnStarted", session)
    require(len(turns) == 1, "an order to rebase has woken the session")
    world.np("nudge", "idle", "--wait", "1m", "word-idle")
    require_told(claude.model.conversation(prompt), "word-idle")
    turns = world.record.events("AgentTurnStarted", session)
    require([turn["payload"].get("machine") for turn in turns] == [None, True], f"the turns are {turns}")
    time.sleep(3)
    require(len(world.record.events("AgentTurnStarted", session)) == 2, "the session was woken again")
    screen.close()
    wait_until(lambda: not running("np hook wake"), "the end of np hook wake")

    begin = time.monotonic()
    claude.turn(place, Say("Hello."))
    require(time.monotonic() - begin < 60, f"claude -p has taken {time.monotonic() - begin:.0f} s")


def running(words):
    """Whether a process was started with these words."""
    return subprocess.run(["pgrep", "-f", words], stdout=subprocess.DEVNULL).returncode == 0
