#!/usr/bin/env python3
"""What the daemon reads of a large log, as the kernel counts it: a stream that resumes near the end reads a megabyte at most,
twenty clients that come back at once, to its last tenth or to its beginning, read the log twice at most in all, also if one
of them takes nothing; and a query whose client has gone is no longer read for. With --than NP, the time that queries take is
compared with that of another np, run alternately. Linux only. Long: --megabytes 3072."""

import os
import statistics
import subprocess
import threading
import time

from large_log import id_of, write
from support import Daemon, Directory, arguments, environment, program, require, wait_until

options = arguments(__doc__, megabytes=128, than="", rounds=7)
CLIENTS = 20
SLACK = 8 << 20  # what cursors read ahead, and looks at the log to find where the clients were


def read_so_far(daemon):
    """How many bytes the daemon has read, of files and sockets."""
    with open(f"/proc/{daemon.pid}/io") as io:
        return int(next(line for line in io if line.startswith("rchar")).split()[1])


def resume(daemon, id):
    """Resumes after an event, and reads all that comes until it follows."""
    with daemon.connect(timeout=600) as connection:
        connection.sendall(f"GET /v1/events/stream HTTP/1.1\r\nHost: np\r\nLast-Event-ID: {id}\r\n\r\n".encode())
        buffer, rest = bytearray(1 << 20), b""
        while True:
            count = connection.recv_into(buffer)
            require(count, "the stream ended")
            # The comment is the last thing that comes, and is cut in two at most.
            rest = (rest + bytes(buffer[max(0, count - 64):count]))[-64:]
            if b": following" in rest:
                return


def resume_together(daemon, ids):
    threads = [threading.Thread(target=resume, args=(daemon, id)) for id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def megabytes(bytes):
    return f"{bytes / (1 << 20):.1f} MB"


with Directory() as directory:
    log = directory + "/event_log.jsonl"
    events = write(log, options.megabytes)
    os.chmod(log, 0o600)
    size = os.path.getsize(log)
    print(f"a log of {megabytes(size)} with {events} events", flush=True)
    # The daemon folds what no checkpoint has, which is not read for clients.
    subprocess.run([program(options.bin, "np"), "inbox", "fix-cache-1", "--data-dir", directory],
                   stdout=subprocess.DEVNULL, check=True, env=environment(directory))

    with Daemon(options.bin, directory) as daemon:
        # The least of three, because meanwhile the daemon also reads for itself.
        reads = []
        for _ in range(3):
            before = read_so_far(daemon)
            resume(daemon, id_of(events - 20))
            reads.append(read_so_far(daemon) - before)
        near = min(reads)
        print(f"a stream that resumes 20 events before the end: {megabytes(near)} read", flush=True)
        require(near <= 1 << 20, "that is more than a megabyte")

    for what, first in [("to its last tenth", events * 9 // 10), ("to its beginning", 20)]:
        with Daemon(options.bin, directory) as daemon:
            before, begin, idle = read_so_far(daemon), time.monotonic(), daemon.memory()
            resume_together(daemon, [id_of(first + 7 * number) for number in range(CLIENTS)])
            read = read_so_far(daemon) - before
            print(f"{CLIENTS} clients that come back {what}: {megabytes(read)} read, {read / size:.2f} times the log, in "
                  f"{time.monotonic() - begin:.1f} s, {idle:.0f} MB before, {daemon.memory('VmHWM'):.0f} MB at most", flush=True)
            require(read <= 2 * size + SLACK, "that is more than twice the log")

    with Daemon(options.bin, directory) as daemon, daemon.connect(timeout=600) as stalled:
        before, begin = read_so_far(daemon), time.monotonic()
        stalled.sendall(f"GET /v1/events/stream HTTP/1.1\r\nHost: np\r\nLast-Event-ID: {id_of(20)}\r\n\r\n".encode())
        resume_together(daemon, [id_of(20 + 7 * number) for number in range(CLIENTS - 1)])
        read = read_so_far(daemon) - before
        print(f"{CLIENTS - 1} clients with one that takes nothing: {megabytes(read)} read, {read / size:.2f} times the log, in "
              f"{time.monotonic() - begin:.1f} s", flush=True)
        require(read <= 2 * size + SLACK, "that is more than twice the log")

    with Daemon(options.bin, directory) as daemon:
        before = read_so_far(daemon)
        with daemon.connect() as connection:
            connection.sendall(b"GET /v1/events?text=this-is-in-no-event HTTP/1.1\r\nHost: np\r\n\r\n")
            wait_until(lambda: read_so_far(daemon) - before > 1 << 20, "the query")
        seen = -1
        while seen != (seen := read_so_far(daemon)):
            time.sleep(0.2)
        print(f"a query whose client goes after the first megabyte: {megabytes(seen - before)} read", flush=True)
        require(seen - before < size // 2, "the daemon went on reading")

    if options.than:
        queries = {"everything": [], "-k MainUpdated": ["-k", "MainUpdated"], "--grep": ["--grep", "noon; see 77"],
                   "--last 5": ["-n", "5"], "verify": None}
        for name, query in queries.items():
            seconds = {}
            for _ in range(options.rounds):
                for np in (options.than, program(options.bin, "np")):
                    command = ["verify"] if query is None else ["-o", "raw", *query]
                    begin = time.monotonic()
                    subprocess.run([np, "events", *command, log], stdout=subprocess.DEVNULL, check=True,
                                   env=environment(directory))
                    seconds.setdefault(np, []).append(time.monotonic() - begin)
            than, this = (statistics.median(times) for times in seconds.values())
            print(f"{name}: {this:.2f} s, the other one {than:.2f} s ({this / than:.2f} times)", flush=True)
