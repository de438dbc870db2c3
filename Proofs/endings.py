#!/usr/bin/env python3
"""SIGTERM under load: exit 0 within 2 s, the socket gone, nothing acknowledged lost. kill -9 under load: the next daemon
serves within 1 s, says that the last one ended badly, and nothing acknowledged is lost."""

import os
import random
import time

from support import SIGKILL, SIGTERM, Daemon, Directory, Load, arguments, events, logged_ids, require

options = arguments(__doc__, terms=50, kills=20)


def under_load(daemon, round):
    """Load, a stream that is read by nobody, and a client that stalls in the middle of its event; the acknowledged."""
    held = [daemon.stream(), daemon.connect()]
    held[1].sendall(b"POST /v1/events HTTP/1.1\r\nHost: np\r\nContent-Length: 100\r\n"
                    b"Content-Type: application/json\r\n\r\n{")
    load = Load(daemon, round)
    time.sleep(random.uniform(0.05, 0.3))
    return load, held


with Directory() as directory:
    acknowledged, times = [], []
    for round in range(options.terms):
        with Daemon(options.bin, directory) as daemon:
            load, held = under_load(daemon, f"t{round}")
            code, seconds = daemon.signal(SIGTERM)
            acknowledged += load.end()
            times.append(seconds)
            require(code == 0, f"exit code {code}")
            require(seconds <= 2, f"the end took {seconds:.2f} s")
            require(not os.path.exists(daemon.socket), "the socket is still there")
    previous = [payload["previous"] for payload in events(daemon.log, "SessionStarted")]
    require(previous == ["none"] + ["clean"] * (options.terms - 1), f"the sessions say {previous}")
    require(len(events(daemon.log, "SessionEnded")) == options.terms, "a session has no end")
    lost = set(acknowledged) - set(logged_ids(daemon.log))
    require(not lost, f"{len(lost)} acknowledged events are lost")
    times.sort()
    print(f"SIGTERM under load x {options.terms}: exit 0 each time, after {times[len(times) // 2]:.2f} s (median) and "
          f"{times[-1]:.2f} s (longest); {len(acknowledged)} acknowledged, 0 lost")

with Directory() as directory:
    acknowledged, times = [], []
    for round in range(options.kills + 1):
        with Daemon(options.bin, directory) as daemon:
            require(daemon.request("GET", "/v1/health")[0] == 200, "it does not answer")
            times.append(time.monotonic() - daemon.begin)
            require(times[-1] <= 1, f"it served only after {times[-1]:.2f} s")
            load, held = under_load(daemon, f"k{round}")
            daemon.signal(SIGKILL)
            acknowledged += load.end()
    previous = [payload["previous"] for payload in events(daemon.log, "SessionStarted")]
    require(previous == ["none"] + ["unclean"] * options.kills, f"the sessions say {previous}")
    lost = set(acknowledged) - set(logged_ids(daemon.log))
    require(not lost, f"{len(lost)} acknowledged events are lost")
    times.sort()
    print(f"kill -9 under load x {options.kills}: the next one answers after {times[len(times) // 2] * 1000:.0f} ms (median) "
          f"and {times[-1] * 1000:.0f} ms (longest), and says unclean; {len(acknowledged)} acknowledged, 0 lost")
