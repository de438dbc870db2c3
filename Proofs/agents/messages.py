"""Anthropic's Messages API as Claude Code speaks it: what a request holds, and how a step is answered. Pure.

https://docs.anthropic.com/en/api/messages-streaming"""

import json
import uuid

from script import Answered, Asked, Say

PATH = "/v1/messages"
SESSION = "X-Claude-Code-Session-Id"


def is_turn(request):
    """Whether the agent works. Without tools it asks for something else, such as a title."""
    return bool(request.get("tools"))


def items(request):
    return request["messages"]


def conversation(request):
    for message in request["messages"]:
        if message["role"] == "assistant":
            yield Answered()
        elif message["role"] == "user":
            content = message["content"]
            parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
            yield from (Asked(part["text"]) for part in parts if part["type"] == "text")


def answer(step):
    """The events of the stream that answers a request."""
    if isinstance(step, Say):
        block, reason = {"type": "text", "text": ""}, "end_turn"
        delta = {"type": "text_delta", "text": step.text}
    else:
        block = {"type": "tool_use", "id": "toolu_" + uuid.uuid4().hex, "name": step.tool, "input": {}}
        delta, reason = {"type": "input_json_delta", "partial_json": json.dumps(step.input)}, "tool_use"
    usage = {"input_tokens": 10, "output_tokens": 10}
    message = {"id": "msg_" + uuid.uuid4().hex, "type": "message", "role": "assistant", "model": "scripted",
               "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
    yield {"type": "message_start", "message": message}
    yield {"type": "content_block_start", "index": 0, "content_block": block}
    yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    yield {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": usage}
    yield {"type": "message_stop"}
