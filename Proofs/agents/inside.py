"""One check, inside of the namespaces: inside.py BIN DIRECTORY CHECK AGENT=PROGRAM …"""

import pathlib
import sys

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent.parent))  # support.py

import sandbox
from checks import CHECKS
from claude import Claude
from codex import Codex
from model import Model
from world import World

AGENTS = {"claude": Claude, "codex": Codex}

bin, directory, name, *programs = sys.argv[1:]
sandbox.furnish()
model = Model()
agents = [AGENTS[agent](path, model) for agent, _, path in (word.partition("=") for word in programs)]
function, _ = CHECKS[name]
world = World(bin, directory, *agents)
try:
    function(world, *agents)
except SystemExit as failure:
    events = world.record.events()
    log = (f"    {event['kind']:24} {event['source_task'] or '-':24} {event['payload']}" for event in events)
    sys.exit("\n".join([str(failure), *log]))
