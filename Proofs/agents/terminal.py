"""A person at a terminal: an agent's own screen, and the keys that are pressed."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
import time

from support import wait_until

ESCAPE, ENTER = "\x1b", "\r"
SEQUENCES = re.compile(r"\x1b(\[[0-9;?<>=]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[@-Z\\-_])")
LINES, COLUMNS = 45, 120


class Terminal:
    def __init__(self, words, cwd, environment):
        self.end, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self.process = subprocess.Popen(words, cwd=cwd, env=environment, stdin=theirs, stdout=theirs, stderr=theirs,
                                        start_new_session=True)
        os.close(theirs)
        self.text = ""
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while True:
            try:
                more = os.read(self.end, 65536)
            except OSError:
                return
            self.text += more.decode(errors="replace")

    @property
    def shown(self):
        """All that was shown, without what places and colors it, and without spaces."""
        return re.sub(r"\s", "", SEQUENCES.sub("", self.text))

    def wait_for(self, words):
        """Waits until something was shown since the last key."""
        wait_until(lambda: re.sub(r"\s", "", words) in self.shown, f"“{words}” on the screen")

    def choice(self, answer):
        """The number of an answer that is offered."""
        self.wait_for("." + answer)
        return re.findall(r"(\d)\." + answer, self.shown)[-1]

    def press(self, key):
        """Presses a key. The time."""
        self.text = ""
        os.write(self.end, key.encode())
        return time.time()

    def close(self):
        self.process.kill()
        self.process.wait()
