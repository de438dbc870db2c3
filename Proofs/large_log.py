#!/usr/bin/env python3
"""A log of any size, with events such as np and agents log them: tasks, files, rebases, turns, locks. What the proofs of
reading share. As a program: large_log.py FILE MEGABYTES."""

import sys

SESSION = "01980000-0000-7000-8000-000000000000"
START = 1_767_225_600_000  # ms: 2026-01-01
STEP = 37  # ms between two events
WORDS = "parser login cache retry index budget render socket ledger replay".split()


def bodies():
    """What follows the id, up to the time: a thousand different ones."""
    found = []
    for number in range(1_000):
        task, word = f"fix-{WORDS[number % 7]}-{number % 30}", WORDS[number % 10]
        commit = f"{number * 2_654_435_761 % 2**40:010x}" * 4
        kind, target, payload = [
            ('"TaskStarted"', None, f'{{"title":"Teach the {word} to count","worktree":"/home/me/work/{task}","branch":"{task}"}}'),
            ('"FileModified"', None, f'{{"path":"Sources/{word.title()}/{word}{number % 40}.swift","tool":"Edit","session":"{commit[:8]}"}}'),
            ('"FileModified"', None, f'{{"path":"Tests/{word.title()}Tests/{word}{number % 40}.swift","tool":"Write","session":"{commit[:8]}"}}'),
            ('{"Custom":"AgentTurnEnded"}', None, f'{{"session":"{commit[:8]}","duration_ms":{number * 97},"tools":{{"n":{number % 40},"failed":{number % 3}}},"files":["a.swift","b.swift"]}}'),
            ('"MainUpdated"', None, f'{{"from":"{commit[:40]}","to":"{commit[::-1][:40]}","commits":{number % 9},"subject":"Let the {word} wait"}}'),
            ('"RebaseRequired"', task, f'{{"commits_behind":{number % 12},"branch":"{task}","onto":"{commit[:40]}"}}'),
            ('{"Custom":"LockAcquired"}', None, f'{{"lock":"build","waited_ms":{number % 500},"pid":{1000 + number}}}'),
            ('"NudgeSent"', task, f'{{"message":"The {word} is mine until noon; see {number}"}}'),
        ][number % 8]
        target = f'"{target}"' if target else "null"
        found.append(f'","kind":{kind},"source_task":"{task}","target_task":{target},"payload":{payload},"timestamp":"')
    return found


def stamp(milliseconds):
    day, rest = divmod(milliseconds - START, 86_400_000)
    hours, rest = divmod(rest, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"2026-01-{1 + day:02}T{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}000Z"


def id_of(number):
    time = START + number * STEP
    return f"{time >> 16:08x}-{time & 0xffff:04x}-7{number & 0xfff:03x}-8f00-{number:012x}"


def marker(number, kind):
    payload = f'{{"session":"{SESSION}","version":"0.1.0","pid":1,"previous":"none"}}'
    return (f'{{"id":"{id_of(number)}","kind":"{kind}","source_task":null,"target_task":null,"payload":{payload},'
            f'"timestamp":"{stamp(START + number * STEP)}"}}\n')


def write(path, megabytes):
    """Writes it, as one session; how many events it has."""
    middle = bodies()
    number, size = 1, 0
    with open(path, "w", encoding="ascii") as log:
        log.write(marker(0, "SessionStarted"))
        while size < megabytes << 20:
            lines = []
            for number in range(number, number + 10_000):
                time = START + number * STEP
                lines.append(f'{{"id":"{time >> 16:08x}-{time & 0xffff:04x}-7{number & 0xfff:03x}-8f00-{number:012x}'
                             f'{middle[number % 1000]}{stamp(time)}"}}\n')
            number += 1
            piece = "".join(lines)
            size += len(piece)
            log.write(piece)
        log.write(marker(number, "SessionEnded"))
    return number + 1


if __name__ == "__main__":
    print(f"{write(sys.argv[1], int(sys.argv[2]))} events")
