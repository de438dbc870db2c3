"""What the model does, step by step, and which step is due. Pure.

A check writes a script and gets a prompt that names it. Agents send the whole conversation with each request, so the
step that is due follows from the request alone, and any number of agents may follow scripts at the same time."""

import re
from typing import NamedTuple

NAMED = re.compile(r"Follow script (\d+)\.")


class Say(NamedTuple):
    """The model's last word: the turn ends."""
    text: str


class Call(NamedTuple):
    """The model uses a tool. Its input is an object, or a text if the tool takes text."""
    tool: str
    input: object


class Fail(NamedTuple):
    """The model's service refuses, for good."""
    status: int
    type: str
    message: str


class Asked(NamedTuple):
    """A part of a conversation that comes from the person, or from the agent in their name."""
    text: str


class Answered(NamedTuple):
    """A part of a conversation that comes from the model."""


class Scripts:
    def __init__(self):
        self.scripts = []

    def add(self, steps):
        """The sentence by which a prompt chooses these steps."""
        self.scripts.append(steps)
        return f"Follow script {len(self.scripts) - 1}."

    def due(self, conversation):
        """The next step of the script that was named last."""
        steps, done = (), 0
        for part in conversation:
            if isinstance(part, Answered):
                done += 1
            elif named := NAMED.findall(part.text):
                steps, done = self.scripts[int(named[-1])], 0
        return steps[done] if done < len(steps) else Say("Done.")
