#!/usr/bin/env python3
"""A daemon that was stopped (SIGSTOP): every command that speaks to it says within 2 s that it does not answer, and which
process it is."""

import os
import signal
import subprocess
import time

from support import Daemon, Directory, arguments, environment, program, require

options = arguments(__doc__, rounds=3)
commands = ["daemon status", "daemon stop", "daemon start", "init repo", "init --status repo", "events -f --live",
            "emit FileModified"]

with Directory() as directory, Daemon(options.bin, directory) as daemon:
    repository = os.path.join(directory, "repo")
    identity = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    settings = environment(directory) | identity | {"NP_DATA_DIR": directory}
    subprocess.run(["git", "init", "-q", repository], check=True, env=settings)
    subprocess.run(["git", "-C", repository, "commit", "-q", "--allow-empty", "-m", "x"], check=True, env=settings)
    os.kill(daemon.pid, signal.SIGSTOP)
    try:
        for command in commands:
            times = []
            for _ in range(options.rounds):
                begin = time.monotonic()
                answer = subprocess.run([program(options.bin, "np"), *command.split()], capture_output=True, text=True,
                                        cwd=directory, env=settings, stdin=subprocess.DEVNULL, timeout=60)
                times.append(time.monotonic() - begin)
                said = f"the daemon, pid {daemon.pid}, does not answer"
                require(said in answer.stdout + answer.stderr, f"np {command} says {answer.stderr or answer.stdout}")
                require(times[-1] <= 2, f"np {command} took {times[-1]:.2f} s")
            times.sort()
            print(f"np {command}: after {times[len(times) // 2]:.2f} s (median) and {times[-1]:.2f} s (longest)")
    finally:
        os.kill(daemon.pid, signal.SIGCONT)
