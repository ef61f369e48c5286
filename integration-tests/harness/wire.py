"""Requests and replies as bytes: what no SDK shows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

TIMEOUT = httpx.Timeout(60)
BROKEN = (httpx.RemoteProtocolError, httpx.ReadError)


@dataclass(frozen=True)
class Event:
    """A server-sent event: its name, if it has one, and its data."""

    name: str | None
    data: str

    def json(self) -> Any:
        return json.loads(self.data)


@dataclass
class Reply:
    """A whole reply. `aborted` says that the connection broke before the body's own end."""

    status: int
    headers: httpx.Headers
    body: bytes
    aborted: bool = False

    def json(self) -> Any:
        return json.loads(self.body)

    def events(self) -> list[Event]:
        assert self.headers["content-type"].startswith("text/event-stream"), self.headers
        return list(events_of(self.body))


def events_of(body: bytes) -> Iterator[Event]:
    """The events of a stream. What broke off in the middle of an event is left out, as clients do."""
    blocks = body.decode().replace("\r\n", "\n").split("\n\n")
    for block in blocks[:-1]:
        name, data = None, []
        for line in block.split("\n"):
            if line.startswith("event:"):
                name = line[6:].strip()
            elif line.startswith("data:"):
                data.append(line[5:].removeprefix(" "))
            else:
                assert line.startswith(":") or not line, f"not a line of an event stream: {line!r}"
        if data:
            yield Event(name, "\n".join(data))


class Stream:
    """A reply that is read as it arrives."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._raw = response.iter_raw()
        self._seen = b""

    def read_until(self, text: str) -> bytes:
        """Reads on until `text` has arrived; returns all that was read so far."""
        while text.encode() not in self._seen:
            self._seen += next(self._raw)
        return self._seen

    def rest(self) -> bytes:
        """Reads to the end; returns all of the reply."""
        self._seen += b"".join(self._raw)
        return self._seen


class Http:
    """An HTTP client of one gateway. Connections are kept and used again, as clients do."""

    def __init__(self, url: str) -> None:
        self.url = url
        limits = httpx.Limits(max_connections=None)
        self._client = httpx.Client(base_url=url, trust_env=False, timeout=TIMEOUT, limits=limits)
        for header in ("accept-encoding", "user-agent", "accept"):
            del self._client.headers[header]

    def send(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes] | dict[str, Any] | None = None,
        headers: Mapping[str, str] | list[tuple[bytes, bytes]] | None = None,
    ) -> Reply:
        """Sends a request and reads the reply, whole or as much of it as there is."""
        content = json.dumps(body).encode() if isinstance(body, dict) else body
        with self._client.stream(method, path, content=content, headers=headers) as response:
            pieces: list[bytes] = []
            aborted = False
            try:
                pieces.extend(response.iter_raw())
            except BROKEN:
                aborted = True
            return Reply(response.status_code, response.headers, b"".join(pieces), aborted)

    def post(self, path: str, body: bytes | Iterator[bytes] | dict[str, Any], headers: Mapping[str, str]) -> Reply:
        return self.send("POST", path, body, headers)

    @contextmanager
    def stream(self, path: str, body: dict[str, Any], headers: Mapping[str, str]) -> Iterator[Stream]:
        """Sends a request and lets the reply be read as it arrives; leaving the block hangs up."""
        with self._client.stream("POST", path, content=json.dumps(body).encode(), headers=headers) as response:
            yield Stream(response)

    def close(self) -> None:
        self._client.close()
