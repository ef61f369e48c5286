"""Where client and provider speak the same dialect, the gateway changes the model's name and nothing else."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from harness.dialects import ANTHROPIC, CLIENTS, OPENAI, Dialect
from harness.gateway import Gateway
from harness.provider import Provider

PROVIDER_OF = {"openai": "openai-a", "anthropic": "anthropic-a"}

# Odd white space, escapes, numbers that no parser prints the same way, unknown fields, keys in any order, and the word
# `model` where it is not the model's name.
ODD_OPENAI = (
    ' {\r\n\t"x_vendor" : {"model":"not this","list":[1.50,-0.0,1E+2, 12345678901234567890] ,"nil":null},\n'
    '"messages":[{"content":"caf\\u00e9 \\ud83d\\udeb2 \\/ \\"model\\": \\"x\\"","role":"user","model":"nor this"}], '
    '"\\u006dodel_": "nor that",\t"model" :  "%s"  ,"temperature":0.70,"stream":%s\n} \n'
)
ODD_ANTHROPIC = ODD_OPENAI.replace('"temperature"', '"max_tokens" : 99 , "temperature"')
ODD = {"openai": ODD_OPENAI, "anthropic": ODD_ANTHROPIC}

clients = pytest.mark.parametrize("client", CLIENTS, ids=str)


def odd_body(client: Dialect, model: str, stream: bool) -> bytes:
    return (ODD[client.name] % (model, str(stream).lower())).encode()


@clients
def test_a_body_reaches_the_provider_with_another_model_name_and_otherwise_byte_for_byte(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect
) -> None:
    name = PROVIDER_OF[client.name]
    reply = gateway.http.post(client.path, odd_body(client, f"{name}/lenient", False), client.headers)

    assert reply.status == 200, reply.body
    assert providers[name].request().body == odd_body(client, "lenient", False)


def test_a_streamed_body_of_anthropics_is_patched_no_more_than_that(
    gateway: Gateway, providers: dict[str, Provider]
) -> None:
    body = odd_body(ANTHROPIC, "anthropic-a/lenient", True)
    reply = gateway.http.post(ANTHROPIC.path, body, ANTHROPIC.headers)

    ANTHROPIC.read(reply)
    assert providers["anthropic-a"].request().body == odd_body(ANTHROPIC, "lenient", True)


def test_an_escaped_model_name_is_understood(gateway: Gateway, providers: dict[str, Provider]) -> None:
    body = b'{"model":"\\u006fpenai-a\\/ok","messages":[{"role":"user","content":"hi"}]}'
    reply = gateway.http.post(OPENAI.path, body, OPENAI.headers)

    assert reply.status == 200, reply.body
    assert providers["openai-a"].request().json()["model"] == "ok"


@clients
@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
@pytest.mark.parametrize("script", ["ok", "thinking", "one-byte", "crlf", "events-200"])
def test_a_reply_reaches_the_client_byte_for_byte(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, stream: bool, script: str
) -> None:
    name = PROVIDER_OF[client.name]
    reply = gateway.http.post(client.path, client.ask(f"{name}/{script}", stream=stream), client.headers)

    direct = client.ask(script, stream=stream)
    expected = providers[name].ask(client.path, httpx_json(direct), client.headers)
    assert reply.body == expected.content
    assert reply.headers["content-type"] == expected.headers["content-type"]


def httpx_json(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()


@pytest.mark.parametrize("script", ["ok", "one-byte", "events-200", "crlf"])
def test_usage_is_asked_for_and_taken_out_again_for_a_client_that_did_not_ask(
    gateway: Gateway, providers: dict[str, Provider], script: str
) -> None:
    body: dict[str, Any] = {"model": f"openai-a/{script}", "stream": True}
    body["messages"] = [{"role": "user", "content": "hi"}]
    reply = gateway.http.post(OPENAI.path, body, OPENAI.headers)

    assert providers["openai-a"].request().json()["stream_options"]["include_usage"] is True
    said = OPENAI.read(reply)
    assert said.tokens is None
    chunks = [event.json() for event in reply.events() if event.data != "[DONE]"]
    assert all(chunk["choices"] for chunk in chunks), "the chunk that carries usage was left in"
    expected = providers["openai-a"].greeting() if script != "events-200" else "".join(f" word{i}" for i in range(200))
    assert said.text == expected


def test_a_client_that_declined_usage_is_not_sent_it(gateway: Gateway, providers: dict[str, Provider]) -> None:
    body = OPENAI.ask("openai-a/ok", stream=True, stream_options={"include_usage": False})
    reply = gateway.http.post(OPENAI.path, body, OPENAI.headers)

    assert providers["openai-a"].request().json()["stream_options"] == {"include_usage": True}
    assert OPENAI.read(reply).tokens is None


def test_a_client_that_asked_for_usage_gets_it(gateway: Gateway, providers: dict[str, Provider]) -> None:
    reply = gateway.http.post(OPENAI.path, OPENAI.ask("openai-a/ok", stream=True), OPENAI.headers)

    assert OPENAI.read(reply).tokens == (20, 5, 7)


def test_fields_of_several_answers_survive(gateway: Gateway) -> None:
    reply = gateway.http.post(OPENAI.path, OPENAI.ask("openai-a/ok", n=3), OPENAI.headers)

    assert [choice["index"] for choice in reply.json()["choices"]] == [0, 1, 2]


def test_beta_features_of_anthropic_can_be_asked_for(gateway: Gateway, providers: dict[str, Provider]) -> None:
    headers = {**ANTHROPIC.headers, "anthropic-beta": "some-feature-2026-01-01"}
    path = f"{ANTHROPIC.path}?beta=true"
    ANTHROPIC.read(gateway.http.post(path, ANTHROPIC.ask("anthropic-a/ok"), headers))
    assert providers["anthropic-a"].request().header("anthropic-beta") == "some-feature-2026-01-01"

    ANTHROPIC.read(gateway.http.post(path, ANTHROPIC.ask("openai-a/ok"), headers))
    names = {name for name, _ in providers["openai-a"].request().headers}
    assert not {name for name in names if name.startswith("anthropic")}


@clients
def test_a_reply_that_the_provider_compressed_unasked_passes_or_fails_but_never_garbled(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect
) -> None:
    name = PROVIDER_OF[client.name]
    reply = gateway.http.post(client.path, client.ask(f"{name}/gzip"), client.headers)

    if reply.status == 200:
        assert reply.headers["content-encoding"] == "gzip"
        assert providers[name].greeting() in gzip.decompress(reply.body).decode()
    else:
        assert reply.status == 502
        client.failure(reply.json())


@clients
def test_the_provider_is_not_offered_compression_that_the_gateway_could_not_read(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect
) -> None:
    name = PROVIDER_OF[client.name]
    headers = {**client.headers, "accept-encoding": "gzip, br"}
    gateway.http.post(client.path, client.ask(f"{name}/ok"), headers)

    assert providers[name].request().header("accept-encoding") in (None, "identity")
