"""When a provider fails, the next one answers: translated afresh, with its own key, and the client sees only that."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from harness.dialects import ANTHROPIC, CLIENT_KEY, CLIENTS, OPENAI, Dialect
from harness.gateway import Gateway, model, target
from harness.process import free_port
from harness.provider import Provider

CHAINS = {
    "openai-then-openai": ("openai-a", "openai-b"),
    "openai-then-anthropic": ("openai-a", "anthropic-b"),
    "anthropic-then-openai": ("anthropic-a", "openai-b"),
    "anthropic-then-anthropic": ("anthropic-a", "anthropic-b"),
}
FAILURES = ["status-500", "status-503", "status-529", "status-429", "reset", "never"]
# How a stream fails before it has said anything, behind no event or behind the one that opens it.
BEGINNINGS = [
    *("error-event-0", "error-event-1", "end-0", "end-1", "rubbish-stream-0", "rubbish-stream-1", "cut-0", "cut-1"),
    *("one-byte+error-event-1", "one-byte+end-1", "crlf+error-event-1", "crlf+end-0"),
]
# An error in place of an answer, whatever was asked for.
TOLD = ["tells-429", "tells-529", "one-byte+tells-429"]
# What fails behind a status of success, and whether a stream was asked for.
BEHIND_SUCCESS = [(failure, True) for failure in [*BEGINNINGS, *TOLD]] + [(told, False) for told in TOLD]
PATHS = {"openai_chat": "/v1/chat/completions", "anthropic_messages": "/v1/messages"}
# Only the stalled provider makes anything wait for this long.
RETRY = {"per_try_timeout": "700ms"}

clients = pytest.mark.parametrize("client", CLIENTS, ids=str)
chains = pytest.mark.parametrize("chain", CHAINS)
streamed = pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])


@pytest.fixture(scope="module")
def gateway(start_gateway: Callable[..., Gateway], configure: Callable[..., dict[str, Any]]) -> Gateway:
    models = {}
    for name, (first, second) in CHAINS.items():
        models[f"{name}/healthy"] = model(target(first, "ok"), target(second, "ok"))
        for failure in FAILURES:
            chain = target(first, failure), target(second, "ok")
            models[f"{name}/{failure}"] = model(*chain, retry=RETRY)
        for failure in [*BEGINNINGS, *TOLD]:
            models[f"{name}/{failure}"] = model(target(first, failure), target(second, "ok"))
    key = {"key": {"env": "OPENAI_A_KEY"}}
    dead = {"kind": "self_hosted", "url": f"http://127.0.0.1:{free_port()}", "dialect": "openai_chat", **key}
    models["refused-connection"] = model(target("dead", "ok"), target("anthropic-b", "ok"))
    models["three"] = model(target("openai-a", "status-500"), target("anthropic-a", "reset"), target("openai-b", "ok"))
    for status in (401, 403, 400, 404):
        models[f"status-{status}"] = model(target("openai-a", f"status-{status}"), target("anthropic-b", "ok"))
    all_fail = [target("openai-a", "status-500"), target("anthropic-b", "status-503"), target("openai-b", "status-429")]
    models["all-fail"] = model(*all_fail)
    models["all-stall"] = model(target("openai-a", "never"), target("anthropic-b", "never"), retry=RETRY)
    models["alone"] = model(target("anthropic-a", "status-503"))
    models["only-429"] = model(target("openai-a", "status-500"), target("openai-b", "ok"), retry={"on": [429]})
    return start_gateway(configure(models, providers={"dead": dead}))


@pytest.fixture
def healthy(gateway: Gateway, providers: dict[str, Provider]) -> dict[str, Provider]:
    """Every provider has just answered well, so that Envoy leaves none of them alone for earlier failures."""
    for name in CHAINS:
        assert gateway.http.post(OPENAI.path, OPENAI.ask(f"{name}/healthy"), OPENAI.headers).status == 200
    for provider in providers.values():
        provider.forget()
    return providers


@clients
@chains
@streamed
@pytest.mark.parametrize("failure", FAILURES)
def test_the_next_provider_answers_in_the_clients_dialect(
    gateway: Gateway, healthy: dict[str, Provider], client: Dialect, chain: str, stream: bool, failure: str
) -> None:
    first, second = (healthy[name] for name in CHAINS[chain])
    body = client.ask(f"{chain}/{failure}", "the same question", stream=stream)
    reply = gateway.http.post(client.path, body, client.headers)

    said = client.read(reply)
    assert said.text == second.greeting()
    assert said.tokens == (20, 5, 7)
    assert first.name not in reply.body.decode() + str(reply.headers), "something of the failed try reached the client"
    assert "retry-after" not in reply.headers
    assert reply.headers["x-tollgate-provider"] == second.name
    assert reply.headers["x-tollgate-attempts"] == "2"

    for provider, script, other in ((first, failure, second), (second, "ok", first)):
        assert_own_request(provider, script, other, stream)


@clients
@chains
@pytest.mark.parametrize(("failure", "stream"), BEHIND_SUCCESS)
@pytest.mark.usefixtures("takes_back_heads")
def test_what_fails_behind_a_status_of_success_is_answered_by_the_next_provider(
    gateway: Gateway, healthy: dict[str, Provider], client: Dialect, chain: str, failure: str, stream: bool
) -> None:
    first, second = (healthy[name] for name in CHAINS[chain])
    body = client.ask(f"{chain}/{failure}", "the same question", stream=stream)
    reply = gateway.http.post(client.path, body, client.headers)

    said = client.read(reply)
    assert said.text == second.greeting()
    assert first.name not in reply.body.decode() + str(reply.headers), "something of the failed try reached the client"
    assert reply.headers["x-tollgate-attempts"] == "2"
    for provider, script, other in ((first, failure, second), (second, "ok", first)):
        assert_own_request(provider, script, other, stream)


@chains
def test_beta_features_reach_each_provider_that_can_know_them_and_no_other(
    gateway: Gateway, healthy: dict[str, Provider], chain: str
) -> None:
    headers = {**ANTHROPIC.headers, "anthropic-beta": "some-feature-2026-01-01"}
    ask = ANTHROPIC.ask(f"{chain}/status-503")
    ANTHROPIC.read(gateway.http.post(f"{ANTHROPIC.path}?beta=true", ask, headers))

    for name in CHAINS[chain]:
        seen = healthy[name].request()
        if healthy[name].dialect == "anthropic_messages":
            assert seen.path == "/v1/messages?beta=true"
            assert seen.header("anthropic-beta") == "some-feature-2026-01-01"
            assert seen.header("anthropic-version") == ANTHROPIC.headers["anthropic-version"]
        else:
            assert seen.path == "/v1/chat/completions"
            assert not [header for header, _ in seen.headers if header.startswith("anthropic")]


def assert_own_request(provider: Provider, script: str, other: Provider, stream: bool) -> None:
    """The provider got a request of its own: model, path, host and key, and nothing of anybody else's."""
    seen = provider.request()
    assert (seen.method, seen.path) == ("POST", PATHS[provider.dialect])
    assert seen.header("host") == provider.authority
    content = seen.json()["messages"][0]["content"]
    assert content == "the same question" or content[0]["text"] == "the same question"
    assert seen.json()["model"] == script
    assert seen.json().get("stream", False) == stream
    bearer, key = seen.header("authorization"), seen.header("x-api-key")
    expected = (f"Bearer {provider.key}", None) if provider.dialect == "openai_chat" else (None, provider.key)
    assert (bearer, key) == expected
    assert int(seen.header("content-length") or len(seen.body)) == len(seen.body)
    assert other.key not in seen.everything()
    assert CLIENT_KEY not in seen.everything()


@clients
def test_a_same_dialect_body_is_untouched_at_the_second_provider_too(
    gateway: Gateway, healthy: dict[str, Provider], client: Dialect
) -> None:
    first, second = ("openai-a", "openai-b") if client is OPENAI else ("anthropic-a", "anthropic-b")
    name = "openai-then-openai" if client is OPENAI else "anthropic-then-anthropic"
    body = json.dumps(client.ask(f"{name}/status-500"), indent=3)
    gateway.http.post(client.path, body.encode(), client.headers)

    assert healthy[first].request().body.decode() == body.replace(f"{name}/status-500", "status-500")
    assert healthy[second].request().body.decode() == body.replace(f"{name}/status-500", "ok")


@clients
@chains
def test_a_large_body_is_not_lost_on_the_way_to_the_second_provider(
    gateway: Gateway, healthy: dict[str, Provider], client: Dialect, chain: str
) -> None:
    text = "x" * (10 << 20)
    reply = gateway.http.post(client.path, client.ask(f"{chain}/status-500", text), client.headers)

    assert client.read(reply).text == healthy[CHAINS[chain][1]].greeting()
    for name in CHAINS[chain]:
        content = healthy[name].request().json()["messages"][0]["content"]
        assert (content if isinstance(content, str) else content[0]["text"]) == text


@clients
@streamed
def test_a_provider_that_refuses_connections_is_passed_over(
    gateway: Gateway, healthy: dict[str, Provider], client: Dialect, stream: bool
) -> None:
    reply = gateway.http.post(client.path, client.ask("refused-connection", stream=stream), client.headers)

    assert client.read(reply).text == healthy["anthropic-b"].greeting()


@clients
@streamed
def test_the_third_provider_answers_when_two_fail(
    gateway: Gateway, healthy: dict[str, Provider], client: Dialect, stream: bool
) -> None:
    reply = gateway.http.post(client.path, client.ask("three", stream=stream), client.headers)

    assert client.read(reply).text == healthy["openai-b"].greeting()
    assert reply.headers["x-tollgate-attempts"] == "3"
    assert [len(healthy[name].requests()) for name in ("openai-a", "anthropic-a", "openai-b")] == [1, 1, 1]


@clients
@streamed
def test_when_all_fail_the_client_learns_how_many_and_how(
    gateway: Gateway, healthy: dict[str, Provider], client: Dialect, stream: bool
) -> None:
    reply = gateway.http.post(client.path, client.ask("all-fail", stream=stream), client.headers)

    assert reply.status in (429, 502, 503), reply.status
    assert reply.headers["content-type"] == "application/json"
    failure = client.failure(reply.json())
    assert "3 attempts failed (500, 503, 429)" in failure.message
    assert not any(name in reply.body.decode() for name in ("openai-a", "anthropic-b")), "an earlier try's words"
    assert [len(healthy[name].requests()) for name in ("openai-a", "anthropic-b", "openai-b")] == [1, 1, 1]


@clients
def test_when_all_stall_the_client_gets_an_error_in_its_dialect(
    gateway: Gateway, healthy: dict[str, Provider], client: Dialect
) -> None:
    reply = gateway.http.post(client.path, client.ask("all-stall"), client.headers)

    assert reply.status in (502, 503, 504), reply.status
    client.failure(reply.json())


@clients
def test_a_provider_without_a_fallback_fails_in_the_clients_dialect(
    gateway: Gateway, healthy: dict[str, Provider], client: Dialect
) -> None:
    reply = gateway.http.post(client.path, client.ask("alone"), client.headers)

    assert reply.status in (502, 503), reply.status
    client.failure(reply.json())
    assert len(healthy["anthropic-a"].requests()) == 1


@clients
@streamed
@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_a_provider_refuses_is_the_operators_matter(
    gateway: Gateway, healthy: dict[str, Provider], client: Dialect, stream: bool, status: int
) -> None:
    reply = gateway.http.post(client.path, client.ask(f"status-{status}", stream=stream), client.headers)

    assert reply.status == 502, reply.body
    failure = client.failure(reply.json())
    if client is OPENAI:
        assert failure.code == "provider_authentication"
    assert "message of its own" not in reply.body.decode()
    assert healthy["anthropic-b"].requests() == []


@clients
@pytest.mark.parametrize("status", [400, 404])
def test_a_request_that_a_provider_refuses_is_not_sent_to_the_next(
    gateway: Gateway, healthy: dict[str, Provider], client: Dialect, status: int
) -> None:
    reply = gateway.http.post(client.path, client.ask(f"status-{status}"), client.headers)

    assert 400 <= reply.status < 600
    client.failure(reply.json())
    assert healthy["anthropic-b"].requests() == []


@clients
def test_only_the_configured_failures_are_tried_again(
    gateway: Gateway, healthy: dict[str, Provider], client: Dialect
) -> None:
    reply = gateway.http.post(client.path, client.ask("only-429"), client.headers)

    assert reply.status >= 500
    client.failure(reply.json())
    assert healthy["openai-b"].requests() == []


@clients
@streamed
def test_a_single_target_is_asked_once_more_where_its_connection_ended_before_an_answer(
    start_gateway: Callable[..., Gateway],
    configure: Callable[..., dict[str, Any]],
    providers: dict[str, Provider],
    client: Dialect,
    stream: bool,
) -> None:
    models = {
        "again": model(target("openai-a", "reset")),
        "once": model(target("openai-a", "reset"), retry={"on": []}),
    }
    gateway = start_gateway(configure(models))
    for name, tries in (("again", 2), ("once", 1)):
        providers["openai-a"].forget()
        reply = gateway.http.post(client.path, client.ask(name, stream=stream), client.headers)
        assert (reply.status, len(providers["openai-a"].requests())) == (503, tries)
        assert client.failure(reply.json()).message
        assert reply.headers["x-tollgate-attempts"] == str(tries)
