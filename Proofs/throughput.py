#!/usr/bin/env python3
"""How many events a second: published as lines by one client, and delivered to many streams; and the memory it takes."""

import selectors
import threading
import time

from support import LINES, Daemon, Directory, arguments, require

options = arguments(__doc__, lines=200000, streams=100, streamed=20000)


def body(count, name):
    line = '{"id":"%s-%d","kind":"TaskStarted","source_task":"eg-abc123","payload":{"title":"Teach the parser"}}\n'
    return "".join(line % (name, number) for number in range(count)).encode()


def post(daemon, lines):
    """Sends and receives at the same time; the seconds, and how many results came."""
    connection = daemon.connect()
    head = f"POST /v1/events HTTP/1.1\r\nHost: np\r\nConnection: close\r\nContent-Type: {LINES}\r\n"
    begin = time.monotonic()
    sender = threading.Thread(
        target=connection.sendall, args=((head + f"Content-Length: {len(lines)}\r\n\r\n").encode() + lines,)
    )
    sender.start()
    received = bytearray()
    while more := connection.recv(1 << 20):
        received += more
    seconds = time.monotonic() - begin
    sender.join()
    return seconds, received.count(b'"result":"written"')


with Directory() as directory, Daemon(options.bin, directory) as daemon:
    lines = body(options.lines, "p")
    for _ in range(3):
        seconds, written = post(daemon, lines)
        require(written == options.lines, f"only {written} were acknowledged")
        print(f"POST of {options.lines} lines: {seconds:.2f} s, {options.lines / seconds:,.0f} events/s")

with Directory() as directory, Daemon(options.bin, directory) as daemon:
    selector = selectors.DefaultSelector()
    for _ in range(options.streams):
        connection = daemon.stream()
        connection.setblocking(False)
        selector.register(connection, selectors.EVENT_READ, [0, b""])
    idle = daemon.memory()
    lines = body(options.streamed, "s")
    begin = time.monotonic()
    poster = threading.Thread(target=post, args=(daemon, lines))
    poster.start()
    complete = 0
    while complete < options.streams:
        for key, _ in selector.select(60):
            received = key.data[1] + key.fileobj.recv(1 << 18)
            # What may be the beginning of a marker is looked at again with what comes next.
            key.data[0] += received.count(b"\nid: s-") if len(received) > 6 else 0
            key.data[1] = received[-6:]
            if key.data[0] >= options.streamed:
                complete += 1
                selector.unregister(key.fileobj)
    seconds = time.monotonic() - begin
    poster.join()
    delivered = options.streams * options.streamed
    print(f"{options.streams} streams, {options.streamed} events: {seconds:.2f} s, {delivered / seconds:,.0f} deliveries/s; "
          f"{idle:.0f} MB with all streams idle, {daemon.memory('VmHWM'):.0f} MB at most")
    require(daemon.memory("VmHWM") <= 64, "it took more than 64 MB")
