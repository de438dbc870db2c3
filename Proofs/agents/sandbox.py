"""A place for one check, made of namespaces: its network is a loopback with nothing but the model, its processes end
with it, and what it mounts only it sees. That takes root, or a kernel that lets users have namespaces of their own."""

import fcntl
import os
import socket
import struct
import subprocess
import sys

SIOCSIFFLAGS, IFF_UP = 0x8914, 1


def command():
    """What runs a program inside. The shell is the first process there: it collects what agents leave to it."""
    user = [] if os.geteuid() == 0 else ["--map-current-user", "--keep-caps"]
    namespaces = ["--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
    return ["unshare", *user, *namespaces, "sh", "-c", '"$@"; exit $?', "sh"]


def obstacle():
    """Why no check can run on this machine, or None."""
    if sys.platform != "linux":
        return "it takes the namespaces of Linux"
    try:
        done = subprocess.run([*command(), "true"], capture_output=True, text=True)
    except OSError as error:
        return f"unshare: {error.strerror}"
    return f"no namespaces of our own: {done.stderr.strip()}" if done.returncode else None


def furnish():
    """Called inside: makes loopback work, and hides the directory of the user's own background service of Claude Code,
    whose name is fixed."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    service = f"/tmp/cc-daemon-{os.getuid()}"
    os.makedirs(service, mode=0o700, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0700", "none", service], check=True)
