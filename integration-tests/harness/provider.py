"""Scripted providers: what they are told is in the model's name (see `provider/src/script.rs`)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from .process import Process, eventually


@dataclass(frozen=True)
class Received:
    """A request as a provider received it."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes
    state: str
    """`open`, `done`, or `dropped` when the gateway closed the connection before the answer's end."""

    def header(self, name: str) -> str | None:
        """The only value of a header, if it is there."""
        values = [value for key, value in self.headers if key == name]
        assert len(values) < 2, f"{name} was sent {len(values)} times"
        return values[0] if values else None

    def json(self) -> Any:
        return json.loads(self.body)

    def everything(self) -> str:
        """The request as text, to look for what must not be in it."""
        return f"{self.path}\n{self.headers}\n{self.body.decode(errors='replace')}"


class Provider:
    """A running scripted provider with a key of its own."""

    def __init__(self, binary: Path, name: str, dialect: str, directory: Path) -> None:
        self.name = name
        self.dialect = dialect
        self.key = f"key-of-{name}"
        self.key_env = f"{name.upper().replace('-', '_')}_KEY"
        command: list[str | Path] = [binary, "--listen", "127.0.0.1:0", "--name", name, "--key", self.key]
        self.process = Process(command, directory / f"{name}.log")
        address = self.process.wait_for(self._address, f"{name} says where it listens")
        self.authority = address
        self.url = f"http://{address}"
        self._http = httpx.Client(base_url=self.url, trust_env=False, timeout=30)

    def _address(self) -> str | None:
        said = re.search(r"^listening on (\S+)\n", self.process.output(), re.MULTILINE)
        return said[1] if said else None

    def config(self, **more: Any) -> dict[str, Any]:
        """How the configuration names it."""
        key = {"env": self.key_env}
        return {"kind": "self_hosted", "url": self.url, "dialect": self.dialect, "key": key, **more}

    def greeting(self) -> str:
        """What it says when nothing else was asked for."""
        return f"Hello from {self.name}: café 🚲."

    def requests(self) -> list[Received]:
        """All requests since the last `forget`, oldest first."""
        return [
            Received(
                method=item["method"],
                path=item["path"],
                headers=[(name, value) for name, value in item["headers"]],
                body=base64.b64decode(item["body"]),
                state=item["state"],
            )
            for item in self._http.get("/_requests").raise_for_status().json()
        ]

    def request(self) -> Received:
        """The only request since the last `forget`."""
        requests = self.requests()
        assert len(requests) == 1, f"{self.name} received {len(requests)} requests instead of one"
        return requests[0]

    def wait_for_request(self) -> Received:
        """Waits until the only request is there."""
        return eventually(self.requests, f"a request reaches {self.name}")[0]

    def forget(self) -> None:
        self._http.delete("/_requests").raise_for_status()

    def open_gate(self, name: str) -> None:
        """Lets the streams of model `gate-{name}` go on behind their first piece of text."""
        self._http.post(f"/_gates/{name}").raise_for_status()

    def ask(self, path: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """What it answers when it is asked without a gateway between; not kept among its requests."""
        own = {"authorization": f"Bearer {self.key}", "x-api-key": self.key, "anthropic-version": "2023-06-01"}
        reply = self._http.post(path, content=body, headers={**headers, **own})
        self.forget()
        return reply

    def stop(self) -> None:
        self._http.close()
        self.process.stop()
