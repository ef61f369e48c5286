"""In a listener that serves other things too, the gateway takes its own paths and leaves the rest alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.dialects import CLIENTS, Dialect
from harness.gateway import Gateway, model, target
from harness.provider import Provider


@pytest.fixture(scope="module")
def gateway(start_gateway: Callable[..., Gateway], configure: Callable[..., dict[str, Any]]) -> Gateway:
    return start_gateway(configure({"chat": model(target("openai-a", "ok"))}, other_paths="pass"))


@pytest.mark.parametrize("client", CLIENTS, ids=str)
def test_other_paths_reach_the_listeners_other_routes(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect
) -> None:
    for path in ("/", "/app?x=1", f"{client.path}/more"):
        reply = gateway.http.send("GET", path)
        assert reply.status == 404
        assert b"there is no such path" in reply.body, "the answer of the route behind the filter"
    upload = gateway.http.post("/upload", b"x" * 100_000, {"content-type": "text/plain"})
    assert b"there is no such path" in upload.body

    reply = gateway.http.post(client.path, client.ask("chat"), client.headers)
    assert client.read(reply).text == providers["openai-a"].greeting()
    assert gateway.http.send("GET", "/v1/models").status == 200
