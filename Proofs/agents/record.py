"""What np has recorded, read without np: its log, and everything else in its data directory."""

import json

from support import require, wait_until


class Record:
    def __init__(self, directory):
        self.directory = directory

    def events(self, kind=None, session=None):
        """The events of the log, the oldest first: all, those of a kind, or those of an agent's session, besides that a task
        began with it."""
        with open(self.directory / "event_log.jsonl", encoding="utf-8") as log:
            found = [json.loads(line) for line in log if line.endswith("\n")]
        for event in found:
            event["kind"] = event["kind"]["Custom"] if isinstance(event["kind"], dict) else event["kind"]
        if session:
            found = [event for event in found
                     if event["payload"].get("session") == session and event["kind"] != "TaskStarted"]
        return [event for event in found if kind in (None, event["kind"])]

    def kinds(self, session):
        """What the hooks told of a session, besides that it read something."""
        return [event["kind"] for event in self.events(session=session) if event["kind"] != "NotificationRead"]

    def task(self, session):
        """The task to which the log gives a session. All that it says of the session must agree."""
        tasks = {event["source_task"] for event in self.events(session=session)}
        require(len(tasks) == 1, f"the log gives the session {session} to {tasks or 'no task'}")
        return tasks.pop()

    def wait_for(self, kind, session):
        wait_until(lambda: self.events(kind, session), f"{kind} of the session {session}")

    def files(self, text):
        """The files that hold a text."""
        files = (path for path in self.directory.rglob("*") if path.is_file())
        return [str(path.relative_to(self.directory)) for path in files if text.encode() in path.read_bytes()]
