#!/usr/bin/env python3
"""Descriptors: 10,000 requests of all sorts leak none; 1,000 connections at once, and more than the daemon may have,
leave those who are there served, and the log going on."""

import resource
import subprocess
import time

from support import Daemon, Directory, arguments, environment, program, require, wait_until

options = arguments(__doc__, requests=10000, connections=1000)
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))


def emit(daemon):
    """Logs an event as another process would."""
    command = [program(options.bin, "np"), "emit", "TaskStarted", "--task", "t", "--data-dir", daemon.directory]
    return subprocess.run(command, capture_output=True, env=environment(daemon.directory)).returncode == 0


def health_on(connection):
    """Whether a connection that stays open is answered."""
    connection.sendall(b"GET /v1/health HTTP/1.1\r\nHost: np\r\n\r\n")
    return connection.recv(65536).startswith(b"HTTP/1.1 200")


with Directory() as directory, Daemon(options.bin, directory) as daemon:
    def one(number):
        match number % 8:
            case 0: daemon.request("GET", "/v1/health")
            case 1: daemon.publish({"kind": "TaskStarted"})
            case 2: daemon.request("GET", "/v1/events?last=3")
            case 3: daemon.request("GET", "/nowhere")
            case 4: daemon.request("POST", "/v1/events", "{", "text/plain")
            case 5: daemon.stream().close()
            case 6: daemon.connect().close()
            case 7:
                with daemon.connect() as connection:
                    connection.sendall(b"GET /v1/events HTTP/1.1\r\nHost: np\r\n\r\n")

    for number in range(200):
        one(number)
    wait_until(lambda: daemon.health()["subscribers"] == 0, "the end of all streams")
    before, memory = daemon.descriptors(), daemon.memory()
    begin = time.monotonic()
    for number in range(options.requests):
        one(number)
    seconds = time.monotonic() - begin
    wait_until(lambda: daemon.descriptors() <= before, f"the return to {before} descriptors")
    print(f"{options.requests} requests of eight sorts, each on a connection of its own, in {seconds:.1f} s: {before} "
          f"descriptors before, {daemon.descriptors()} after; {memory:.0f} MB before, {daemon.memory():.0f} MB after")

with Directory() as directory, Daemon(options.bin, directory) as daemon:
    connections = [daemon.connect() for _ in range(options.connections)]
    require(all(health_on(connection) for connection in connections), "a connection is not served")
    times = []
    for _ in range(100):
        begin = time.monotonic()
        require(daemon.publish({"kind": "TaskStarted"}) == "written", "an event is not logged")
        times.append(time.monotonic() - begin)
    print(f"{options.connections} connections at once, all served: a new one publishes in "
          f"{sorted(times)[50] * 1000:.1f} ms (median); {daemon.memory():.0f} MB")

with Directory() as directory:
    limited = ["sh", "-c", 'ulimit -n 64; exec "$@"', "sh"]
    with Daemon(options.bin, directory, limited) as daemon:
        first = daemon.connect()
        require(health_on(first), "the first connection is not served")
        others = [daemon.connect() for _ in range(100)]
        for connection in others:
            connection.sendall(b"GET /v1/heal")
        require(health_on(first), "the first connection is not served any more")
        event = b'{"kind":"TaskStarted"}'
        first.sendall(b"POST /v1/events HTTP/1.1\r\nHost: np\r\nContent-Type: application/json\r\n"
                      b"Content-Length: %d\r\n\r\n%s" % (len(event), event))
        require(b'"written"' in first.recv(65536), "an event is not logged")
        require(emit(daemon), "np emit fails")
        used = daemon.descriptors()
        for connection in others:
            connection.close()
        waited = wait_until(lambda: daemon.request("GET", "/v1/health")[0] == 200, "an answer to a new client")
        print(f"64 descriptors and 100 connections that stall: {used} in use, the first connection is served, its event "
              f"is logged, and so is np emit's; a new client is answered {waited * 1000:.0f} ms after they have gone")
