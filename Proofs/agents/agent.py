"""What both agents have in common: a program that works on prompts of a scripted model, and tells it where it works."""

import re
from pathlib import Path

from support import wait_until


class Agent:
    """Subclasses say how the agent is set up, and how it is called."""

    def __init__(self, program, model):
        self.program, self.model = program, model

    def move_in(self, world):
        """Sets the agent up in a home, and in PATH."""
        self.world = world
        (world.places / "bin" / Path(self.program).name).symlink_to(self.program)

    def turn(self, place, *steps, words=()):
        """A session of one turn, from beginning to end. The conversation as the model saw it last."""
        prompt = self.model.prompt(*steps)
        self.world.run(*self.command(prompt, *words), cwd=place)
        return self.model.conversation(prompt)

    def next_turn(self, place, session, *steps):
        """One more turn in a session that has ended."""
        return self.turn(place, *steps, words=[self.resume, session])

    def wait_for_request(self, prompt):
        """The conversation of an agent that works meanwhile, as soon as the model was asked."""
        wait_until(lambda: self.model.conversation(prompt), f"a request that says “{prompt}”")
        return self.model.conversation(prompt)

    def place(self, conversation):
        """Where the agent works, as it has told the model."""
        return re.findall(self.works_in, conversation.text)[-1]
