"""Claude Code as a person has it who has answered its first questions, with our model instead of Anthropic's."""

import json

from agent import Agent
from script import Call
from terminal import Terminal

KEY = "sk-ant-scripted"


class Claude(Agent):
    resume = "--resume"
    works_in = r"Primary working directory: (\S+?)(?:\\n| )"

    def move_in(self, world):
        super().move_in(world)
        (world.home / ".claude").mkdir()
        (world.home / ".claude.json").write_text(json.dumps(
            {"hasCompletedOnboarding": True, "customApiKeyResponses": {"approved": [KEY], "rejected": []}}))
        world.environment |= {
            "ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": self.model.url, "DISABLE_AUTOUPDATER": "1",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        }

    def trust(self, *places):
        """What a person answers when Claude Code asks whether it may work in a directory. With `-p` it doesn't ask."""
        path = self.world.home / ".claude.json"
        state = json.loads(path.read_text())
        state["projects"] = {str(place): {"hasTrustDialogAccepted": True} for place in places}
        path.write_text(json.dumps(state))

    def command(self, prompt, *words):
        return [self.program, "-p", prompt, "--permission-mode", "acceptEdits", "--allowedTools", "Bash", *words]

    def terminal(self, place, *steps):
        """A session in a terminal, in which it asks a person before it uses a tool."""
        self.trust(place)
        prompt = self.model.prompt(*steps)
        words = [self.program, "--permission-mode", "default", prompt]
        return prompt, Terminal(words, place, self.world.environment)

    def run(self, command):
        return Call("Bash", {"command": command, "description": "run"})

    def ask(self, question, *answers):
        options = [{"label": answer, "description": answer} for answer in answers]
        return Call("AskUserQuestion", {"questions": [
            {"question": question, "header": "Choice", "options": options, "multiSelect": False}]})

    def delegate(self, *steps):
        """Has a subagent take these steps."""
        prompt = self.model.prompt(*steps)
        return Call("Agent", {"description": "help", "prompt": prompt, "subagent_type": "general-purpose"})

    def plan(self, step):
        """Puts a step on its list, and takes it off."""
        find = Call("ToolSearch", {"query": "select:TaskCreate,TaskUpdate", "max_results": 2})
        create = Call("TaskCreate", {"subject": step, "description": step, "activeForm": step})
        return find, create, Call("TaskUpdate", {"taskId": "1", "status": "completed"})

    def write(self, path, text):
        return Call("Write", {"file_path": str(path), "content": text})

    def wait(self):
        # It refuses a plain sleep.
        return Call("Bash", {"command": "timeout 1000 tail -f /dev/null", "description": "wait"})

    def move(self, name):
        """The steps by which it makes a worktree and goes on there. Its tools have to be looked up first."""
        find = Call("ToolSearch", {"query": "select:EnterWorktree,ExitWorktree", "max_results": 2})
        return find, Call("EnterWorktree", {"name": name})

    def move_back(self):
        return Call("ExitWorktree", {"action": "keep"})
