"""A model on loopback that follows scripts, for both agents, and the witness of what they were given: what np hands to
an agent has arrived only when it is in a request to the model."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import messages
import responses
from script import Fail, Say, Scripts

DIALECTS = {dialect.PATH: dialect for dialect in (messages, responses)}


class Conversation:
    """An agent's session as the model saw it last."""

    def __init__(self, session, items):
        self.session, self.text = session, json.dumps(items, ensure_ascii=False)

    def count(self, word):
        return self.text.count(word)


class Model:
    def __init__(self):
        self.scripts, self.conversations = Scripts(), []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.model = self
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def prompt(self, *steps):
        """A prompt that makes the model take these steps."""
        return self.scripts.add(steps)

    def conversation(self, prompt):
        """The conversation in which this was asked, as it was sent last; None as long as it was not."""
        return next((seen for seen in reversed(self.conversations) if prompt in seen.text), None)

    def answer(self, dialect, session, request):
        if not dialect.is_turn(request):
            return dialect.answer(Say("A title."))
        self.conversations.append(Conversation(session, dialect.items(request)))
        step = self.scripts.due(dialect.conversation(request))
        return step if isinstance(step, Fail) else dialect.answer(step)


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        dialect = DIALECTS.get(self.path.split("?")[0])
        request = self.rfile.read(int(self.headers["Content-Length"]))
        if not dialect:
            return self.send_error(404)
        events = self.server.model.answer(dialect, self.headers[dialect.SESSION], json.loads(request))
        if isinstance(events, Fail):
            return self.refuse(events)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for event in events:
            self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())

    def refuse(self, failure):
        error = {"type": "error", "error": {"type": failure.type, "message": failure.message}}
        body = json.dumps(error).encode()
        self.send_response(failure.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Should-Retry", "false")
        self.end_headers()
        self.wfile.write(body)
