"""OpenAI's Responses API as Codex speaks it: what a request holds, and how a step is answered. Pure.

https://platform.openai.com/docs/api-reference/responses-streaming"""

import json
import uuid

from script import Answered, Asked, Say

PATH = "/v1/responses"
SESSION = "session-id"
CALLS = ("function_call", "custom_tool_call")


def is_turn(request):
    """Whether the agent works. Without tools it asks for something else."""
    return bool(request.get("tools"))


def items(request):
    return request["input"]


def conversation(request):
    for item in request["input"]:
        if item.get("role") == "assistant" or item.get("type") in CALLS:
            yield Answered()
        elif item.get("role") == "user":
            yield from (Asked(part["text"]) for part in item["content"] if part["type"] == "input_text")


def answer(step):
    """The events of the stream that answers a request."""
    item = {"id": "item_" + uuid.uuid4().hex, "status": "completed"}
    call = {"call_id": "call_" + uuid.uuid4().hex}
    if isinstance(step, Say):
        text = {"type": "output_text", "text": step.text, "annotations": []}
        item |= {"type": "message", "role": "assistant", "content": [text]}
    elif isinstance(step.input, str):
        item |= call | {"type": "custom_tool_call", "name": step.tool, "input": step.input}
    else:
        item |= call | {"type": "function_call", "name": step.tool, "arguments": json.dumps(step.input)}
    usage = {"input_tokens": 10, "output_tokens": 10, "total_tokens": 20,
             "input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
    response = {"id": "resp_" + uuid.uuid4().hex, "object": "response", "created_at": 0, "model": "scripted"}
    yield {"type": "response.created", "response": response | {"status": "in_progress", "output": []}}
    yield {"type": "response.output_item.added", "output_index": 0, "item": item}
    yield {"type": "response.output_item.done", "output_index": 0, "item": item}
    completed = {"status": "completed", "output": [item], "usage": usage}
    yield {"type": "response.completed", "response": response | completed}
