"""Streams that keep to the protocol in their own way are whole for clients of either dialect, and counted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harness.dialects import CLIENTS, OPENAI, Dialect
from harness.gateway import Gateway, model, target
from harness.provider import Provider
from harness.verbatim import Verbatim

BOUNDS = {"event": "1KiB"}


def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> str:
    return bare(choices=[{"index": 0, "delta": delta, "finish_reason": finish}], **more)


def bare(**members: Any) -> str:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "odd"}
    return f"data: {json.dumps({**head, **members})}\n\n"


def event(kind: str, **members: Any) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **members})}\n\n"


USAGE = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
USED = bare(choices=[], usage=USAGE)
SAID = chunk({"role": "assistant", "content": ""}) + chunk({"content": "Hi"})
DONE = "data: [DONE]\n\n"

MESSAGE = {"id": "msg_1", "type": "message", "role": "assistant", "model": "odd", "content": []}
MESSAGE |= {"stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 5, "output_tokens": 0}}
START = event("message_start", message=MESSAGE)
BLOCK = event("content_block_start", index=0, content_block={"type": "text", "text": ""})
PIECE = event("content_block_delta", index=0, delta={"type": "text_delta", "text": "Hi"})
STOP = event("content_block_stop", index=0)
REASON = {"stop_reason": "end_turn", "stop_sequence": None}
REASON_TOLD = event("message_delta", delta=REASON, usage={"input_tokens": 5, "output_tokens": 2})
ENDED = event("message_stop")
PINGS = "event: ping\ndata: {}\n\nevent: ping\ndata:\n\n"

ODD = {
    "openai_chat": {
        "no-done": SAID + chunk({}, "stop") + USED,
        "no-done-and-usage-with-the-reason": SAID + chunk({}, "stop", usage=USAGE),
    },
    "anthropic_messages": {
        "no-stop": START + BLOCK + PIECE + STOP + REASON_TOLD,
        "no-start": BLOCK + PIECE + STOP + REASON_TOLD + ENDED,
        "untyped-pings": START + PINGS + BLOCK + PIECE + PINGS + STOP + REASON_TOLD + ENDED,
    },
}
LONG = SAID + chunk({}, padding="x" * 2000) + chunk({}, "stop") + USED + DONE
EMPTY = {"empty": "", "comments": ": hello\n\n: hello\n\n"}
NAMES = [(dialect, name) for dialect, streams in ODD.items() for name in streams]

clients = pytest.mark.parametrize("client", CLIENTS, ids=str)


@pytest.fixture(scope="module")
def verbatim() -> Iterator[Verbatim]:
    running = Verbatim({**ODD["openai_chat"], **ODD["anthropic_messages"], **EMPTY, "long": LONG})
    yield running
    running.stop()


@pytest.fixture(scope="module")
def gateway(
    verbatim: Verbatim, start_gateway: Callable[..., Gateway], configure: Callable[..., dict[str, Any]]
) -> Gateway:
    models = {f"{dialect}/{name}": model(target(dialect.replace("_", "-"), name)) for dialect, name in NAMES}
    models["long"] = model(target("openai-chat", "long"))
    for dialect in ODD:
        for name in EMPTY:
            models[f"{dialect}/{name}"] = model(target(dialect.replace("_", "-"), name), target("openai-a", "ok"))
            models[f"{dialect}/{name}-twice"] = model(*[target(dialect.replace("_", "-"), name)] * 2)
    providers = {dialect.replace("_", "-"): verbatim.config(dialect) for dialect in ODD}
    return start_gateway(configure(models, providers=providers, bounds=BOUNDS))


@clients
@pytest.mark.parametrize(("dialect", "name"), NAMES)
def test_an_odd_stream_is_a_whole_answer(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, dialect: str, name: str
) -> None:
    reply = gateway.http.post(client.path, client.ask(f"{dialect}/{name}", stream=True), client.headers)

    assert reply.status == 200
    assert client.stream_failure(reply.events()) is None
    if dialect.startswith(client.name):
        assert reply.body.decode() == ODD[dialect][name]
    else:
        said = client.read(reply)
        assert (said.text, said.finish) == ("Hi", "stop")
    assert_counted(gateway)


def assert_counted(gateway: Gateway) -> None:
    """The tokens of the last request are logged, and no stream counts as broken."""
    logged = gateway.settled_access_log()[-1]
    assert logged["completion_tokens"] == "2"
    assert "tollgate_broken_streams" not in gateway.metrics()


def test_an_event_over_the_bound_passes_and_what_follows_is_read(
    gateway: Gateway, providers: dict[str, Provider]
) -> None:
    ask = {"model": "long", "messages": [{"role": "user", "content": "hi"}], "stream": True}
    reply = gateway.http.post(OPENAI.path, ask, OPENAI.headers)

    assert reply.body.decode() == LONG.replace(USED, "")
    assert_counted(gateway)


@clients
@pytest.mark.parametrize("dialect", ODD)
@pytest.mark.parametrize("name", EMPTY)
@pytest.mark.usefixtures("takes_back_heads")
def test_a_stream_without_an_answer_is_answered_by_the_next_provider(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, dialect: str, name: str
) -> None:
    reply = gateway.http.post(client.path, client.ask(f"{dialect}/{name}", stream=True), client.headers)

    assert client.read(reply).text == providers["openai-a"].greeting()
    assert reply.headers["x-tollgate-attempts"] == "2"


@clients
@pytest.mark.parametrize("dialect", ODD)
@pytest.mark.parametrize("name", EMPTY)
@pytest.mark.usefixtures("takes_back_heads")
def test_a_stream_without_an_answer_is_an_error_where_no_provider_is_left(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, dialect: str, name: str
) -> None:
    reply = gateway.http.post(client.path, client.ask(f"{dialect}/{name}-twice", stream=True), client.headers)

    assert reply.status == 502
    client.failure(reply.json())
