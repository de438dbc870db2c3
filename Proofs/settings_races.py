#!/usr/bin/env python3
"""np init and np uninit beside a program that replaces settings.json every few milliseconds: none of its updates is lost, and
np's entries are in the state that was asked for last."""

import json
import os
import pathlib
import subprocess
import threading
import time

from support import Directory, arguments, environment, program, require

options = arguments(__doc__, rounds=200, interval_ms=3)
np = program(options.bin, "np")


class Writer(threading.Thread):
    """Counts in a member of the settings, and keeps what else is in there, as an agent does that saves a preference."""

    def __init__(self, path):
        super().__init__()
        self.path = path
        self.written = self.lost = 0
        self.is_over = threading.Event()

    def run(self):
        while not self.is_over.wait(options.interval_ms / 1000):
            settings = json.loads(self.path.read_text())
            if settings["count"] != self.written:
                self.lost += 1
            self.written += 1
            settings["count"] = self.written
            draft = self.path.with_suffix(".agent")
            draft.write_text(json.dumps(settings, indent=2))
            os.replace(draft, self.path)


def commands(path):
    """The commands that the settings run."""
    hooks = json.loads(path.read_text()).get("hooks", {})
    return [entry["command"] for groups in hooks.values() for group in groups for entry in group["hooks"]]


with Directory() as directory:
    home = pathlib.Path(directory)
    repository = home / "repository"
    (home / ".claude").mkdir()
    (home / "bin").mkdir()
    (home / "bin/systemctl").write_text("#!/bin/sh\nexit 1\n")
    (home / "bin/systemctl").chmod(0o755)
    subprocess.run(["git", "init", "-q", repository], check=True)
    settings = home / ".claude/settings.json"
    settings.write_text('{"count": 0}')
    variables = environment(directory) | {"PATH": f"{home}/bin:{os.environ['PATH']}"}
    writer = Writer(settings)
    writer.start()
    began = time.monotonic()
    refused = wrong = 0
    try:
        for _ in range(options.rounds):
            for words, is_wanted in [(["init", "--no-daemon"], True), (["uninit"], False)]:
                done = subprocess.run([np, *words], cwd=repository, env=variables, capture_output=True, text=True)
                refused += done.returncode != 0
                found = sum("hook claude" in command for command in commands(settings))
                wrong += (found > 0) != is_wanted
    finally:
        writer.is_over.set()
        writer.join()
    seconds = time.monotonic() - began
    left = json.loads(settings.read_text())
    print(
        f"{options.rounds} np init and np uninit in {seconds:.0f} s beside {writer.written} updates: "
        f"{writer.lost} lost, {refused} refused, {wrong} left in another state than the one asked for last"
    )
    require(writer.lost == 0, "an update of the other program is lost")
    require(left["count"] == writer.written, "the last update is lost")
    require(refused == 0 and wrong == 0, "np's entries are not in the state that was asked for last")
    require(not [name for name in os.listdir(home / ".claude") if name.endswith(".np-new")], "a draft is left behind")
