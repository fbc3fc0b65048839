"""A provider of WhatsApp and push on a local port. It records what it was told; words in the message decide what it answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typing_extensions import override

REFUSED = {"error": {"message": "Template name does not exist\n in the translation"}}
# A word in the message -> the status and body of the answer.
ANSWERS: dict[str, tuple[int, Any]] = {
    "refused": (404, REFUSED),
    "speechless": (400, None),
    "locked_out": (401, REFUSED),
    "overrun": (503, None),
    "nameless": (200, {"messages": []}),
}


@dataclass
class Provider:
    """Where it listens, and what it was told: (path, authorization, message). `meanwhile` runs while a message is answered."""

    url: str = ""
    received: list[tuple[str, str | None, Any]] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None


def handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            provider.received.append((self.path, self.headers["Authorization"], message))
            provider.meanwhile()
            words = json.dumps(message)
            if "silent" in words:
                self.close_connection = True
                return
            taken = {"name": f"projects/shop/messages/{len(provider.received)}", "messages": [{"id": f"wamid.{len(provider.received)}"}]}
            status, answer = next((answer for word, answer in ANSWERS.items() if word in words), (200, taken))
            body = b"<html>" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        @override
        def log_message(self, *_: Any) -> None:
            """Print nothing, to keep the output of tests clean."""

    return Handler


@contextmanager
def providing() -> Iterator[Provider]:
    provider = Provider()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler(provider)) as server:
        provider.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
