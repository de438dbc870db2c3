"""Codex as a person has it, with our model instead of OpenAI's. It runs hooks only after a person has trusted them in
its terminal; mostly an option says so."""

import json
import subprocess

from agent import Agent
from script import Call
from terminal import Terminal

# A model of which Codex knows that it applies patches.
SETTINGS = """model = "gpt-5.5"
model_provider = "proof"
[model_providers.proof]
name = "proof"
base_url = "{url}/v1"
wire_api = "responses"
env_key = "PROOF_KEY"
"""
# With this one it doesn't ask whether a newer one would do.
NEWEST = "gpt-6-sol"


class Codex(Agent):
    resume = "resume"
    works_in = r"<cwd>(.*?)</cwd>"

    def move_in(self, world):
        super().move_in(world)
        (world.home / ".codex").mkdir()
        (world.home / ".codex/config.toml").write_text(SETTINGS.format(url=self.model.url))
        world.environment |= {"PROOF_KEY": "scripted"}

    def command(self, prompt, *words, sandbox="danger-full-access"):
        # Its own sandbox would need namespaces inside of ours, which not every kernel allows a user.
        options = ["--dangerously-bypass-hook-trust", "--sandbox", sandbox]
        return [self.program, "exec", *options, *words, prompt]

    def run(self, command):
        return Call("exec_command", {"cmd": command, "yield_time_ms": 30000})

    def terminal(self):
        """The program in a terminal, as a person starts it who has said that it may work here."""
        with open(self.world.home / ".codex/config.toml", "a") as settings:
            settings.write(f'[projects."{self.world.project}"]\ntrust_level = "trusted"\n')
        words = [self.program, "--model", NEWEST]
        return Terminal(words, self.world.project, self.world.environment)

    def hooks(self):
        """What Codex itself says of its user's hooks: how each is trusted, by its event, and its warnings."""
        service = subprocess.Popen([self.program, "app-server"], cwd=self.world.project, env=self.world.environment,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        with service:
            self.ask(service, 1, "initialize", {"clientInfo": {"name": "proof", "version": "1"}})
            listed = self.ask(service, 2, "hooks/list", {"cwds": [str(self.world.project)]})["data"][0]
            service.kill()
        return {hook["eventName"]: hook["trustStatus"] for hook in listed["hooks"]}, listed["warnings"]

    def ask(self, service, number, method, parameters):
        service.stdin.write(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}) + "\n")
        service.stdin.flush()
        return next(answer["result"] for answer in map(json.loads, service.stdout) if answer.get("id") == number)

    def write(self, path, text):
        return Call("apply_patch", f"*** Begin Patch\n*** Add File: {path}\n+{text}\n*** End Patch\n")
