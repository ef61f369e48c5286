"""Any client chats with any provider, whole or streamed, and each sees only its own wire format."""

from __future__ import annotations

from typing import Any

import pytest

from harness.dialects import ANTHROPIC, CLIENT_KEY, CLIENTS, OPENAI, Dialect
from harness.gateway import Gateway
from harness.provider import Provider

PATHS = {"openai_chat": "/v1/chat/completions", "anthropic_messages": "/v1/messages"}

pytestmark = [
    pytest.mark.parametrize("client", CLIENTS, ids=str),
    pytest.mark.parametrize("name", ["openai-a", "anthropic-a"]),
]
streamed = pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])


@streamed
def test_the_providers_words_reach_the_client(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str, stream: bool
) -> None:
    reply = gateway.http.post(client.path, client.ask(f"{name}/ok", stream=stream), client.headers)

    said = client.read(reply)
    assert said.text == providers[name].greeting()
    assert said.finish == "stop"
    assert said.tokens == (20, 5, 7)
    assert said.calls == []


@streamed
def test_the_provider_sees_its_own_path_host_key_and_model(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str, stream: bool
) -> None:
    gateway.http.post(client.path, client.ask(f"{name}/ok", stream=stream), client.headers)

    provider = providers[name]
    seen = provider.request()
    assert (seen.method, seen.path) == ("POST", PATHS[provider.dialect])
    assert seen.header("host") == provider.authority
    assert seen.json()["model"] == "ok"
    assert seen.json().get("stream", False) == stream
    assert seen.header("content-type") == "application/json"
    if provider.dialect == "openai_chat":
        assert seen.header("authorization") == f"Bearer {provider.key}"
        assert seen.header("x-api-key") is None
    else:
        assert seen.header("x-api-key") == provider.key
        assert seen.header("authorization") is None
        assert seen.header("anthropic-version") == "2023-06-01"
    assert CLIENT_KEY not in seen.everything()


@streamed
def test_long_answers_arrive_complete(gateway: Gateway, client: Dialect, name: str, stream: bool) -> None:
    reply = gateway.http.post(client.path, client.ask(f"{name}/events-200", stream=stream), client.headers)

    said = client.read(reply)
    assert said.text == "".join(f" word{i}" for i in range(200))
    assert said.tokens == (20, 5, 200)


@streamed
@pytest.mark.parametrize("script", ["one-byte", "crlf"])
def test_it_does_not_matter_how_the_providers_bytes_are_cut(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str, stream: bool, script: str
) -> None:
    reply = gateway.http.post(client.path, client.ask(f"{name}/{script}", stream=stream), client.headers)

    said = client.read(reply)
    assert (said.text, said.tokens) == (providers[name].greeting(), (20, 5, 7))


@streamed
def test_an_answer_that_is_too_long_says_so(gateway: Gateway, client: Dialect, name: str, stream: bool) -> None:
    reply = gateway.http.post(client.path, client.ask(f"{name}/ok", stream=stream, max_tokens=2), client.headers)

    said = client.read(reply)
    assert (said.text, said.finish) == ("Hello from", "length")


@streamed
def test_a_stop_sequence_ends_the_answer(gateway: Gateway, client: Dialect, name: str, stream: bool) -> None:
    stop: dict[str, Any] = {"stop": [": caf"]} if client is OPENAI else {"stop_sequences": [": caf"]}
    reply = gateway.http.post(client.path, client.ask(f"{name}/ok", stream=stream, **stop), client.headers)

    said = client.read(reply)
    assert (said.text, said.finish) == (f"Hello from {name}", "stop")


@streamed
def test_a_refusal_is_told(gateway: Gateway, client: Dialect, name: str, stream: bool) -> None:
    reply = gateway.http.post(client.path, client.ask(f"{name}/refusal", stream=stream), client.headers)

    said = client.read(reply)
    assert said.text == "I can't help with that."
    if name == "anthropic-a" or client is ANTHROPIC:
        assert said.finish == "refusal"


@streamed
def test_a_provider_that_does_not_say_what_it_used_is_no_failure(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str, stream: bool
) -> None:
    reply = gateway.http.post(client.path, client.ask(f"{name}/no-usage", stream=stream), client.headers)

    assert client.read(reply).text == providers[name].greeting()
