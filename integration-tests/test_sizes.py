"""Large requests and replies pass whole: the default bound is 16 MiB, and nothing smaller stands in the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from harness.dialects import CLIENTS, OPENAI, Dialect
from harness.gateway import Gateway, model, target
from harness.provider import Provider

MIB = 1 << 20
LINE = 'The quick brown fox says "Grüße" and jumps over the lazy dog.\n'

clients = pytest.mark.parametrize("client", CLIENTS, ids=str)
names = pytest.mark.parametrize("name", ["openai-a", "anthropic-a"])


def long_text(size: int) -> str:
    return (LINE * (size // len(LINE) + 1))[:size]


@clients
@names
def test_a_request_just_under_the_bound_passes_whole(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str
) -> None:
    text = "x" * (16 * MIB - 300)
    reply = gateway.http.post(client.path, client.ask(f"{name}/ok", text), client.headers)

    assert client.read(reply).text == providers[name].greeting()
    content = providers[name].request().json()["messages"][0]["content"]
    assert (content if isinstance(content, str) else content[0]["text"]) == text


@clients
@names
def test_a_long_text_with_escapes_passes_unchanged(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str
) -> None:
    text = long_text(3 * MIB)
    reply = gateway.http.post(client.path, client.ask(f"{name}/ok", text), client.headers)

    assert client.read(reply).text == providers[name].greeting()
    content = providers[name].request().json()["messages"][0]["content"]
    assert (content if isinstance(content, str) else content[0]["text"]) == text


@clients
@names
def test_a_body_whose_length_is_not_announced_passes_whole(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str
) -> None:
    text = "x" * MIB
    body = json.dumps(client.ask(f"{name}/ok", text)).encode()
    pieces = (body[at : at + 5000] for at in range(0, len(body), 5000))
    reply = gateway.http.post(client.path, pieces, client.headers)

    assert client.read(reply).text == providers[name].greeting()
    content = providers[name].request().json()["messages"][0]["content"]
    assert (content if isinstance(content, str) else content[0]["text"]) == text


@clients
@names
@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_a_huge_reply_arrives_whole(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str, stream: bool
) -> None:
    reply = gateway.http.post(client.path, client.ask(f"{name}/huge-8MiB", stream=stream), client.headers)

    said = client.read(reply)
    assert len(said.text.encode()) == 8 * MIB
    assert said.text.startswith(LINE)


@clients
@pytest.mark.parametrize("name", ["tight-openai", "tight-anthropic"])
def test_a_translated_reply_over_its_bound_is_an_error_and_an_untranslated_one_passes(
    tight: Gateway, client: Dialect, name: str
) -> None:
    reply = tight.http.post(client.path, client.ask(name), client.headers)

    if name.endswith(client.name):
        assert len(client.read(reply).text.encode()) == MIB
    else:
        assert reply.status == 502, reply.status
        client.failure(reply.json())


@pytest.fixture(scope="module")
def tight(start_gateway: Callable[..., Gateway], configure: Callable[..., dict[str, Any]]) -> Gateway:
    models = {
        "tight-openai": model(target("openai-a", "huge-1MiB")),
        "tight-anthropic": model(target("anthropic-a", "huge-1MiB")),
        "ok": model(target("openai-a", "ok")),
    }
    return start_gateway(configure(models, bounds={"response_body": "256KiB"}))


def test_the_bound_is_sixteen_mebibytes(gateway: Gateway, providers: dict[str, Provider]) -> None:
    reply = gateway.http.post(OPENAI.path, OPENAI.ask("openai-a/ok", "x" * (16 * MIB)), OPENAI.headers)

    assert (reply.status, OPENAI.failure(reply.json()).code) == (413, "request_too_large")
    assert providers["openai-a"].requests() == []


@clients
def test_a_reply_may_be_larger_than_a_request(
    start_gateway: Callable[..., Gateway], configure: Callable[..., dict[str, Any]], client: Dialect
) -> None:
    models = {name: model(target(name, "huge-4MiB")) for name in ("openai-a", "anthropic-a")}
    gateway = start_gateway(configure(models, bounds={"request_body": "1MiB", "response_body": "8MiB"}))
    for name in models:
        reply = gateway.http.post(client.path, client.ask(name), client.headers)
        assert len(client.read(reply).text.encode()) == 4 * MIB
