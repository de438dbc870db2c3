"""Codex as a person has it, with our model instead of OpenAI's. It runs hooks only after a person has trusted them in
its terminal; here an option says so."""

from agent import Agent
from script import Call

# A model of which Codex knows that it applies patches.
SETTINGS = """model = "gpt-5.5"
model_provider = "proof"
[model_providers.proof]
name = "proof"
base_url = "{url}/v1"
wire_api = "responses"
env_key = "PROOF_KEY"
"""


class Codex(Agent):
    resume = "resume"
    works_in = r"<cwd>(.*?)</cwd>"

    def move_in(self, world):
        super().move_in(world)
        (world.home / ".codex").mkdir()
        (world.home / ".codex/config.toml").write_text(SETTINGS.format(url=self.model.url))
        world.environment |= {"PROOF_KEY": "scripted"}

    def command(self, prompt, *words):
        # Its own sandbox would need namespaces inside of ours, which not every kernel allows a user.
        options = ["--dangerously-bypass-hook-trust", "--sandbox", "danger-full-access"]
        return [self.program, "exec", *options, *words, prompt]

    def write(self, path, text):
        return Call("apply_patch", f"*** Begin Patch\n*** Add File: {path}\n+{text}\n*** End Patch\n")
