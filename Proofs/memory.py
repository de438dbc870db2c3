#!/usr/bin/env python3
"""Lines that are made to hurt – a huge one, an array 100,000 deep, 200,000 objects in one – between lines that are events:
np events passes over them with a message, forward and from the end, with at most 64 MB, and shows all others. Then a large
log of ordinary events: every query takes at most 20 MB, a verification 64 MB, whatever the log holds. Needs GNU time, and
ends with a sentence without it. Long: --megabytes 1024 --log-megabytes 3072, which needs so much of the disk in /tmp."""

import os
import subprocess
import sys
import time

from ledger import event, log_environment
from large_log import id_of, write as write_log
from support import Directory, arguments, program, require

options = arguments(__doc__, megabytes=64, log_megabytes=128)
TIME = "/usr/bin/time"
LIMIT = 64  # MB
QUERY_LIMIT = 20  # MB


def beginning(number):
    return f'{{"id":"bad-{number}","kind":"NudgeSent","timestamp":"2026-01-01T00:00:00Z","payload":{{"a":'


def huge(log):
    log.write(beginning(1) + '"')
    for _ in range(options.megabytes):
        log.write("x" * (1 << 20))
    log.write('"}}\n')


def huge_without_end(log):
    for _ in range(options.megabytes):
        log.write("x" * (1 << 20))


def deep(log):
    log.write(beginning(2) + "[" * 100_000 + "]" * 100_000 + "}}\n")


def many(log):
    log.write(beginning(3) + "[" + ",".join(['{"b":1}'] * 200_000) + "]}}\n")


def run(directory, *command):
    """Its lines, what it says, its peak memory in MB, and its seconds."""
    figures = directory + "/figures"
    begin = time.monotonic()
    done = subprocess.run([TIME, "-f", "%M", "-o", figures, program(options.bin, "np"), "events", *command],
                          capture_output=True, text=True, env=log_environment(directory))
    seconds = time.monotonic() - begin
    with open(figures) as file:
        return done, int(file.read().split()[-1]) / 1024, seconds


if not os.access(TIME, os.X_OK):
    print(f"Skipped: there is no GNU time at {TIME} to measure memory with.")
    sys.exit(0)

cases = [
    (f"a line of {options.megabytes} MB", huge, 1),
    (f"a last line of {options.megabytes} MB without an end", huge_without_end, 0),
    ("an array 100,000 deep", deep, 1),
    ("200,000 small objects", many, 1),
]
for what, write, skipped in cases:
    with Directory() as directory:
        before, behind = (
            "".join(event(f"{when}-{number}", number, "text").replace('"payload"', '"timestamp":"2026-01-01T00:00:00Z","payload"')
                    for number in range(3))
            for when in ("before", "behind")
        )
        with open(directory + "/event_log.jsonl", "w") as log:
            log.write(before)
            write(log)
            if skipped:
                log.write(behind)
        ids = [f"{when}-{number}" for when in ("before", "behind")[: 1 + skipped] for number in range(3)]
        told = []
        for name, command in [("forward", ["-o", "json"]), ("-n 5", ["-o", "json", "-n", "5"]), ("verify", ["verify", "--json"])]:
            done, megabytes, seconds = run(directory, *command)
            told.append(f"{name} {seconds:.2f} s, {megabytes:.0f} MB")
            if name != "verify":
                shown = [line.split('"')[3] for line in done.stdout.splitlines()]
                require(done.returncode == 0, f"np events: {done.stderr}")
                require(shown == (ids[-5:] if name == "-n 5" else ids), f"it shows {shown}")
                require(("skipped 1 line" in done.stderr) == bool(skipped), f"it says: {done.stderr}")
            else:
                require(done.returncode == skipped, f"np events verify: {done.stdout}")
            require(megabytes <= LIMIT, f"{what}: it took {megabytes:.0f} MB")
        print(f"{what}: {'; '.join(told)}", flush=True)

with Directory() as directory:
    count = write_log(directory + "/event_log.jsonl", options.log_megabytes)
    print(f"a log of {options.log_megabytes} MB with {count} events:", flush=True)
    many = str(min(1_000_000, count // 2))
    queries = [
        [], ["-k", "MainUpdated"], ["--grep", "noon; see 77"], ["-t", "fix-cache-8"], ["--where", "payload.lock=build", "-n", "20"],
        ["-n", "5"], ["-n", many], ["-r"], ["-r", "-n", many], ["--after", id_of(count // 2)], ["--since", "2026-01-01T01:00:00Z"],
        ["--session", "0"], ["--session", "0", "-n", many], ["--session", "0", "-r"],
    ]
    for query in queries:
        figures = directory + "/figures"
        command = [program(options.bin, "np"), "events", "-o", "raw", *query]
        begin = time.monotonic()
        done = subprocess.run([TIME, "-f", "%M", "-o", figures, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True, env=log_environment(directory))
        seconds = time.monotonic() - begin
        with open(figures) as file:
            megabytes = int(file.read().split()[-1]) / 1024
        print(f"    np events {' '.join(query)}: {seconds:.1f} s, {megabytes:.0f} MB", flush=True)
        require(done.returncode == 0 and not done.stderr, f"np events {query}: {done.stderr}")
        require(megabytes <= QUERY_LIMIT, f"np events {query} took {megabytes:.0f} MB")
    done, megabytes, seconds = run(directory, "verify", "--json")
    print(f"    np events verify: {seconds:.1f} s, {megabytes:.0f} MB", flush=True)
    require(f'"events":{count},' in done.stdout and done.returncode == 0, f"np events verify: {done.stdout}")
    require(megabytes <= LIMIT, f"np events verify took {megabytes:.0f} MB")
