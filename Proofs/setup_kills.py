#!/usr/bin/env python3
"""np init and np uninit, killed at every system call that changes anything: whatever comes next, np uninit or another np
init and then np uninit, every file of home and repository is what it was, modes and links included. Needs strace, which
follows np's threads and not the programs that it starts."""

import hashlib
import os
import pathlib
import subprocess

from support import Directory, arguments, environment, program, require

CALLS = ["rename", "renameat2", "unlink", "rmdir", "mkdir", "fchmod", "fdatasync", "write"]

options = arguments(__doc__)
np = program(options.bin, "np")


def snapshot(directory):
    """What stands below a directory, but for np's own data."""
    found = {}
    for path in sorted(pathlib.Path(directory).rglob("*")):
        if ".local" in path.relative_to(directory).parts:
            continue
        status = path.lstat()
        if path.is_symlink():
            content = os.readlink(path)
        else:
            content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[str(path)] = (status.st_mode, content)
    return found


def furnish(home, repository):
    """A person with agents, dotfiles, and a hook of their own in a directory of the worktree."""
    for name in ["bin", ".claude", ".codex", "dotfiles"]:
        (home / name).mkdir(parents=True)
    (home / "bin/systemctl").write_text("#!/bin/sh\nexit 1\n")
    (home / "bin/systemctl").chmod(0o755)
    (home / "dotfiles/claude.json").write_text('{\n "a": 1\n}')
    (home / ".claude/settings.json").symlink_to("../dotfiles/claude.json")
    subprocess.run(["git", "init", "-q", repository], check=True)
    subprocess.run(["git", "-C", repository, "config", "core.hooksPath", ".githooks"], check=True)
    hook = repository / ".githooks/post-checkout"
    hook.parent.mkdir()
    hook.write_text("#!/bin/sh\nexit 0\n")
    hook.chmod(0o750)


with Directory() as directory:
    home, repository = pathlib.Path(directory, "home"), pathlib.Path(directory, "repo")
    furnish(home, repository)
    variables = environment(str(home)) | {"PATH": f"{home}/bin:{os.environ['PATH']}"}
    before = snapshot(directory)

    def run(*words):
        return subprocess.run(words, cwd=repository, env=variables, capture_output=True)

    init, uninit = [np, "init", "--no-daemon"], [np, "uninit"]
    kills = 0
    for first, killed, then in [
        (None, init, None), (None, init, init), (init, uninit, None), (init, uninit, init),
    ]:
        for call in CALLS:
            number = 1
            while True:
                if first:
                    run(*first)
                trace = ["strace", "-f", "-b", "execve", "-qq", "-o", "/dev/null", "-e", f"trace={call}"]
                ended = run(*trace, "-e", f"inject={call}:signal=KILL:when={number}", *killed)
                was_killed = ended.returncode in (-9, 137)
                for words in [then, uninit]:
                    if words:
                        answer = run(*words)
                        require(answer.returncode == 0, f"{words[1]} after {call} {number}: {answer.stderr}")
                after = snapshot(directory)
                changed = [path for path in before | after if before.get(path) != after.get(path)]
                require(not changed, f"{killed[1]} killed at {call} {number}: {changed}")
                if not was_killed:
                    break
                kills += 1
                number += 1
    print(f"killed {kills} times, and every file is what it was")
