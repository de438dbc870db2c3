"""A daemon to try things on, and clients for it. What all proofs share."""

import argparse
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

WRITTEN = re.compile(rb'\{"id":"([^"]+)","result":"written"\}')
LINES = "application/x-ndjson"


def arguments(description, **defaults):
    """The command line: where the programs are, and how often to do what."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--bin", default=".build/release", help="the directory that holds np and np-daemon")
    for name, value in defaults.items():
        parser.add_argument("--" + name.replace("_", "-"), type=type(value), default=value)
    return parser.parse_args()


def program(bin, name):
    return str(pathlib.Path(bin).resolve() / name)


def environment(home):
    """Nothing of the user's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NP_", "XDG_"))}
    return kept | {"HOME": home}


class Directory:
    """A data directory that is gone when the proof is over."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="np-proof-", dir="/tmp")
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=60):
        super().__init__("np", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Daemon:
    """A running np-daemon."""

    def __init__(self, bin, directory, wrapper=()):
        self.directory = directory
        self.socket = directory + "/neuraphage.sock"
        self.log = directory + "/event_log.jsonl"
        command = [*wrapper, program(bin, "np-daemon"), "--data-dir", directory]
        self.begin = time.monotonic()
        self.process = subprocess.Popen(
            command + ["--log-file", directory + "/daemon.log"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=environment(directory),
        )
        if not self.process.stdout.readline().startswith(b"serving "):
            sys.exit(f"the daemon does not serve: {self.process.stderr.read().decode()}")
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def connect(self, timeout=60):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self.socket)  # waits, where one with a time-out would fail if many come at once
        connection.settimeout(timeout)
        return connection

    def request(self, method, path, body=None, type="application/json", timeout=60):
        connection = UnixConnection(self.socket, timeout)
        try:
            connection.request(method, path, body, {"Content-Type": type} if body is not None else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def health(self, timeout=60):
        return json.loads(self.request("GET", "/v1/health", timeout=timeout)[1])

    def publish(self, event, timeout=60):
        """Publishes one event; what became of it."""
        return json.loads(self.request("POST", "/v1/events", json.dumps(event), timeout=timeout)[1]).get("result")

    def stream(self):
        """A connection on which a stream has begun."""
        connection = self.connect()
        connection.sendall(b"GET /v1/events/stream HTTP/1.1\r\nHost: np\r\n\r\n")
        received = b""
        while b": following" not in received:
            received += connection.recv(65536)
        return connection

    def signal(self, number):
        """Sends a signal and waits for the end; the exit code and how long that took, in seconds."""
        begin = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(timeout=60)
        return code, time.monotonic() - begin

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def memory(self, what="VmRSS"):
        """Resident memory in MB: now, or with VmHWM the most it ever was."""
        with open(f"/proc/{self.pid}/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith(what))


class Load:
    """Clients that publish batches of lines as fast as they can until the daemon goes, and note what it acknowledged."""

    def __init__(self, daemon, round, clients=4, batch=50):
        self.acknowledged = []
        self.threads = [
            threading.Thread(target=self.run, args=(daemon, f"{round}-{number}", batch)) for number in range(clients)
        ]
        for thread in self.threads:
            thread.start()

    def run(self, daemon, name, batch):
        number = 0
        while True:
            lines = "".join(f'{{"id":"{name}-{number}-{line}","kind":"TaskStarted"}}\n' for line in range(batch))
            number += 1
            head = f"POST /v1/events HTTP/1.1\r\nHost: np\r\nConnection: close\r\nContent-Type: {LINES}\r\n"
            received = b""
            try:
                with daemon.connect() as connection:
                    connection.sendall((head + f"Content-Length: {len(lines)}\r\n\r\n" + lines).encode())
                    while more := connection.recv(65536):
                        received += more
            except OSError:
                return
            finally:
                self.acknowledged += [id.decode() for id in WRITTEN.findall(received)]

    def end(self):
        for thread in self.threads:
            thread.join()
        return self.acknowledged


def log_files(directory):
    """The names of the log's files, oldest first. What else is beside them, such as the reserve, is not the log."""
    found = os.listdir(directory) if os.path.exists(directory) else []
    names = sorted(name for name in found if re.fullmatch(r"event_log(\.\d+)?\.jsonl", name))
    return sorted(names, key=lambda name: name == "event_log.jsonl")


def logged_ids(*paths):
    """The ids of all whole lines."""
    ids = []
    for path in paths:
        with open(path, "rb") as log:
            for line in log:
                try:
                    ids.append(json.loads(line)["id"])
                except ValueError:
                    pass
    return ids


def events(path, kind):
    """The payloads of all events of a kind."""
    with open(path, "rb") as log:
        found = [json.loads(line) for line in log if line.endswith(b"\n") and b'"' + kind.encode() + b'"' in line]
    return [event["payload"] for event in found]


def wait_until(condition, what, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"FAILED: {what} did not happen within {seconds} s")
        time.sleep(0.01)
    return seconds - (deadline - time.monotonic())


def require(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


SIGTERM, SIGKILL = signal.SIGTERM, signal.SIGKILL
