"""Writers that are fed without end, and the accounts of what they acknowledged. What the proofs of the log share.

The log is read twice: by np, and by `Lines`, which knows nothing of np and is stricter."""

import json
import os
import random
import shutil
import subprocess
import threading
import time
from collections import namedtuple

from support import Directory, environment, log_files, program, require

FILLER = "abcdefghij klmnop qrstuvwxyz 0123456789 "


def log_environment(directory, durability="os", **more):
    """The environment in which np logs to a directory, and to nothing of the user's."""
    return environment(directory) | {"NP_DATA_DIR": directory, "NP_EVENTS_DURABILITY": durability} | more


def text_of(size):
    """The text that makes an event's line about so long. An event of 10 KB stays below what is cut."""
    length = max(1, min(size, 10200) - 160)
    return (FILLER * (length // len(FILLER) + 1))[:length]


def event(id, number, text):
    name = "" if id is None else f'"id":"{id}",'
    return f'{{{name}"kind":"NudgeSent","payload":{{"number":{number},"text":"{text}"}}}}\n'


class Writer:
    """`np emit -`, fed with events of one size, in pieces of one to some hundred lines or one by one, until it is gone.

    Its ids go into a file, so that all that it has printed is known, whenever it ends. Without a name for the events,
    np makes the ids."""

    def __init__(self, bin, directory, name, size, durability="os", printed=None, count=None, pause=0.0, seed=0, single=False,
                 **more):
        self.name, self.size, self.count, self.pause, self.single = name, size, count, pause, single
        self.random = random.Random(seed)
        self.printed = printed or f"{directory}/printed"
        self.fed, self.is_fed = 0, True
        with open(self.printed, "wb") as output, open(self.printed + ".err", "wb") as errors:
            self.process = subprocess.Popen(
                [program(bin, "np"), "emit", "-"], stdin=subprocess.PIPE, stdout=output, stderr=errors,
                env=log_environment(directory, durability, **more),
            )
        self.thread = threading.Thread(target=self.feed)
        self.thread.start()

    def feed(self):
        text = text_of(self.size)
        most = max(1, 100_000 // self.size)
        try:
            while self.is_fed and (self.count is None or self.fed < self.count):
                lines = 1 if self.single else self.random.choice((1, 1, 3, most // 10 + 1, most))
                if self.count is not None:
                    lines = min(lines, self.count - self.fed)
                numbers = range(self.fed, self.fed + lines)
                piece = "".join(event(self.name and f"{self.name}-{number}", number, text) for number in numbers)
                self.process.stdin.write(piece.encode())
                self.process.stdin.flush()
                self.fed += lines
                if self.pause:
                    time.sleep(self.pause)
        except OSError:
            pass
        try:
            self.process.stdin.close()
        except OSError:
            pass

    def acknowledged(self):
        """The ids that it has printed whole so far."""
        with open(self.printed, "rb") as printed:
            lines = printed.read().split(b"\n")
        return [line.decode() for line in lines[:-1]]

    def errors(self):
        with open(self.printed + ".err", encoding="utf-8", errors="replace") as errors:
            return errors.read()

    def wait_until_it_works(self):
        while os.path.getsize(self.printed) < 10:
            require(self.process.poll() is None, f"np emit ended by itself: {self.errors()}")
            time.sleep(0.0005)

    def kill(self):
        """kill -9; what it had acknowledged."""
        self.process.kill()
        return self.end()

    def stop(self):
        """Feeds it no more and waits for its end; what it acknowledged."""
        self.is_fed = False
        return self.end()

    def end(self):
        """Waits for its end; what it acknowledged."""
        self.process.wait()
        self.thread.join()
        return self.acknowledged()


def unique_members(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


class Lines:
    """The lines of a log's files, oldest file first, in the eyes of somebody strict: UTF-8, no NUL, one JSON object with
    no key twice, a text that is as it was fed."""

    def __init__(self, directory, size=None):
        self.ids, self.resumptions, self.damaged, self.pending = [], [], [], b""
        self.sizes = {}
        text = size and text_of(size)
        for name in log_files(directory):
            self.sizes[name] = os.path.getsize(f"{directory}/{name}")
            with open(f"{directory}/{name}", "rb") as file:
                for line in file:
                    if not line.endswith(b"\n") and name == "event_log.jsonl":
                        self.pending = line
                    elif line.strip():
                        self.take(name, line, text)

    def take(self, name, line, text):
        try:
            if b"\0" in line:
                raise ValueError("NUL")
            object = json.loads(line.decode("utf-8"), object_pairs_hook=unique_members, parse_constant=require_no_constant)
            if object["kind"] == {"Custom": "LogResumed"}:
                self.resumptions.append((name, object["payload"]))
                return
            if text and object["kind"] == "NudgeSent" and object["payload"]["text"] != text:
                raise ValueError("another text")
            self.ids.append((name, object["id"]))
        except (ValueError, KeyError, TypeError):
            self.damaged.append((name, line))


def require_no_constant(constant):
    raise ValueError(constant)


def verification(bin, directory):
    """What np verify says: its findings and its totals, from `--json`."""
    done = subprocess.run([program(bin, "np"), "events", "verify", "--json"], capture_output=True, env=log_environment(directory))
    require(done.returncode in (0, 1), f"np events verify: {done.stderr.decode()}")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    require(found, f"np events verify says nothing: {done.stderr.decode()}")
    return found[:-1], found[-1]


def events_of(bin, directory, *options):
    """The ids of all events that np shows."""
    command = [program(bin, "np"), "events", "-o", "json", *options]
    ids = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=log_environment(directory)) as reader:
        errors = []
        thread = threading.Thread(target=lambda: errors.append(reader.stderr.read()))
        thread.start()
        for line in reader.stdout:
            begin = line.find(b'"id":"') + 6
            ids.append(line[begin:line.index(b'"', begin)].decode())
        thread.join()
    require(reader.returncode == 0, f"np events: {errors[0].decode()}")
    return ids


def whole_line_after(bin, directory):
    """Whether the next append stands in the log as an event."""
    done = subprocess.run([program(bin, "np"), "emit", "TaskStarted", "--task", "next"],
                          capture_output=True, env=log_environment(directory))
    require(done.returncode == 0, f"the next append fails: {done.stderr.decode()}")
    id = done.stdout.decode().strip()
    require(events_of(bin, directory, "-n", "1") == [id], "the next append cannot be read")
    return id


class Shim:
    """Faults for the programs, if there is a C compiler to make them: see shim.c."""

    def __init__(self):
        self.directory = Directory()

    def __enter__(self):
        self.library = self.directory.__enter__() + "/shim.so"
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "shim.c")
        command = ["cc", "-shared", "-fPIC", "-O2", "-Wall", "-o", self.library, source]
        self.is_there = shutil.which("cc") is not None and subprocess.run(command).returncode == 0
        return self

    def __exit__(self, *_):
        self.directory.__exit__()

    def environment(self, **settings):
        if not self.is_there:
            return {}
        return {"LD_PRELOAD": self.library} | {f"SHIM_{name.upper()}": str(value) for name, value in settings.items()}

    def syncs(self, journal):
        """The synchronizations, in the order of their ends."""
        try:
            with open(journal) as lines:
                return [Sync(*(int(part) for part in line.split())) for line in lines]
        except FileNotFoundError:
            return []


Sync = namedtuple("Sync", "inode size begin took error is_directory")
