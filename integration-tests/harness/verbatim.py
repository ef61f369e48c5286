"""A provider that answers with the very bytes of a stream, for what no well-behaved server says."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Verbatim:
    """A running provider; the model's name is the name of the stream that it answers with."""

    def __init__(self, streams: Mapping[str, str]) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
                stream = streams[asked["model"]].encode()
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.send_header("content-length", str(len(stream)))
                self.end_headers()
                self.wfile.write(stream)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def config(self, dialect: str) -> dict[str, Any]:
        """How the configuration names it, as a provider of this dialect."""
        return {"kind": "self_hosted", "url": f"http://127.0.0.1:{self._server.server_port}", "dialect": dialect}

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
