"""Replies say who answered and what got lost; what a client writes into such headers means nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.dialects import ANTHROPIC, CLIENTS, OPENAI, Dialect
from harness.gateway import Gateway, model, target
from harness.provider import Provider

clients = pytest.mark.parametrize("client", CLIENTS, ids=str)
streamed = pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
Start = Callable[..., Gateway]
Configure = Callable[..., dict[str, Any]]


def models() -> dict[str, Any]:
    names = ("openai-a", "anthropic-a")
    return {name: model(target(name, "ok")) for name in names}


@clients
@streamed
@pytest.mark.parametrize("name", ["openai-a", "anthropic-a"])
def test_a_reply_says_which_model_and_provider_answered(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str, stream: bool
) -> None:
    reply = gateway.http.post(client.path, client.ask(f"{name}/ok", stream=stream), client.headers)

    client.read(reply)
    assert reply.headers["x-tollgate-provider"] == name
    assert reply.headers["x-tollgate-model"] == "ok"
    assert reply.headers["x-tollgate-attempts"] == "1"
    assert "x-tollgate-unsupported" not in reply.headers


@streamed
def test_a_reply_lists_what_the_provider_could_not_be_told(
    gateway: Gateway, providers: dict[str, Provider], stream: bool
) -> None:
    body = OPENAI.ask("anthropic-a/ok", stream=stream, n=2, seed=7, frequency_penalty=0.5)
    reply = gateway.http.post(OPENAI.path, body, OPENAI.headers)

    OPENAI.read(reply)
    listed = {name.strip() for name in reply.headers["x-tollgate-unsupported"].split(",")}
    assert listed == {"n", "seed", "frequency_penalty"}
    assert not listed & set(providers["anthropic-a"].request().json())


@clients
@streamed
@pytest.mark.parametrize("name", ["openai-a/ok", "anthropic-a/ok", "openai-a/status-400"])
def test_what_a_provider_says_of_the_gateways_account_or_in_the_gateways_name_stays_here(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str, stream: bool
) -> None:
    reply = gateway.http.post(client.path, client.ask(name, stream=stream), client.headers)

    for header in ("set-cookie", "openai-organization", "anthropic-organization-id", "x-tollgate-cost-usd"):
        assert header not in reply.headers


def test_a_reply_lists_what_openai_could_not_be_told(gateway: Gateway, providers: dict[str, Provider]) -> None:
    reply = gateway.http.post(ANTHROPIC.path, ANTHROPIC.ask("openai-a/ok", top_k=5), ANTHROPIC.headers)

    ANTHROPIC.read(reply)
    assert reply.headers["x-tollgate-unsupported"] == "top_k"


def test_a_field_that_no_dialect_knows_is_named_when_it_is_lost(
    gateway: Gateway, providers: dict[str, Provider]
) -> None:
    body = OPENAI.ask("anthropic-a/ok", vendor_extension={"a": 1})
    reply = gateway.http.post(OPENAI.path, body, OPENAI.headers)

    OPENAI.read(reply)
    assert reply.headers["x-tollgate-unsupported"] == "vendor_extension"


@clients
def test_headers_can_be_switched_off(
    start_gateway: Start, configure: Configure, providers: dict[str, Provider], client: Dialect
) -> None:
    gateway = start_gateway(configure(models(), response_headers=False))
    reply = gateway.http.post(client.path, client.ask("anthropic-a", seed=1), client.headers)

    assert not [name for name in reply.headers if name.startswith("x-tollgate")]


def test_a_strict_gateway_refuses_what_it_cannot_translate_and_names_it(
    start_gateway: Start, configure: Configure, providers: dict[str, Provider]
) -> None:
    gateway = start_gateway(configure(models(), translation={"unsupported": "refuse"}))
    reply = gateway.http.post(OPENAI.path, OPENAI.ask("anthropic-a", seed=7), OPENAI.headers)
    assert reply.status == 400
    failure = OPENAI.failure(reply.json())
    assert failure.param == "seed" or "seed" in failure.message

    reply = gateway.http.post(ANTHROPIC.path, ANTHROPIC.ask("openai-a", top_k=5), ANTHROPIC.headers)
    assert reply.status == 400
    assert "top_k" in ANTHROPIC.failure(reply.json()).message
    assert all(not provider.requests() for provider in providers.values())

    for client, name in ((OPENAI, "anthropic-a"), (ANTHROPIC, "openai-a")):
        client.read(gateway.http.post(client.path, client.ask(name), client.headers))
    OPENAI.read(gateway.http.post(OPENAI.path, OPENAI.ask("openai-a", seed=7), OPENAI.headers))


FORGED = {
    "x-tollgate-model": "anthropic-a/ok",
    "x-tollgate-provider": "anthropic-a",
    "x-tollgate-cluster": "tollgate.anthropic-a",
    "x-tollgate-target": "1",
    "x-tollgate-attempts": "9",
    "x-envoy-retry-on": "5xx",
    "x-envoy-max-retries": "9",
    "x-envoy-original-path": "/forged",
    "x-envoy-upstream-rq-timeout-ms": "1",
}


@clients
def test_forged_headers_neither_steer_the_gateway_nor_reach_a_provider(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect
) -> None:
    reply = gateway.http.post(client.path, client.ask("openai-a/ok"), {**client.headers, **FORGED})

    assert client.read(reply).text == providers["openai-a"].greeting()
    assert reply.headers["x-tollgate-provider"] == "openai-a"
    assert reply.headers["x-tollgate-attempts"] == "1"
    names = {name for name, _ in providers["openai-a"].request().headers}
    assert not {name for name in names if name.startswith(("x-tollgate", "x-envoy"))}


CREDENTIALS = {
    "authorization": "Bearer clients-secret",
    "x-api-key": "clients-secret",
    "api-key": "clients-secret",
    "x-goog-api-key": "clients-secret",
    "cookie": "session=clients-secret",
    "proxy-authorization": "Basic clients-secret",
}


@clients
@pytest.mark.parametrize("name", ["openai-a", "anthropic-a"])
def test_no_credential_of_a_client_reaches_a_provider(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str
) -> None:
    reply = gateway.http.post(client.path, client.ask(f"{name}/ok"), {**client.headers, **CREDENTIALS})

    client.read(reply)
    assert "clients-secret" not in providers[name].request().everything()


@clients
def test_a_client_without_a_key_is_served_with_the_gateways_own(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect
) -> None:
    headers = {"content-type": "application/json"}
    reply = gateway.http.post(client.path, client.ask("openai-a/ok"), headers)

    assert client.read(reply).text == providers["openai-a"].greeting()


AROUND = {
    "x-forwarded-access-token": "clients-secret",
    "x-auth-request-email": "clients-secret",
    "x-amzn-oidc-accesstoken": "clients-secret",
    "x-amz-security-token": "clients-secret",
    "x-real-ip": "clients-secret",
    "via": "clients-secret",
    "referer": "clients-secret",
    "x-envoy-original-dst-host": "clients-secret",
    "x-http-method-override": "clients-secret",
    "x-team": "blue",
}


@clients
@pytest.mark.parametrize("name", ["single", "chain"])
def test_a_provider_learns_nothing_of_who_asked_but_what_is_forwarded_by_choice(
    start_gateway: Start, configure: Configure, providers: dict[str, Provider], client: Dialect, name: str
) -> None:
    single, chain = target("openai-a", "ok"), target("anthropic-a", "ok")
    gateway = start_gateway(
        configure({"single": model(single), "chain": model(single, chain)}, forward_headers=["x-team"])
    )
    path = f"{client.path}?beta=true&key=clients-secret"
    reply = gateway.http.post(path, client.ask(name), {**client.headers, **AROUND, "user-agent": "an-sdk"})

    client.read(reply)
    received = providers["openai-a"].request()
    assert "clients-secret" not in received.everything()
    assert (received.header("x-team"), received.header("user-agent")) == ("blue", "an-sdk")
    assert received.header("host") == providers["openai-a"].authority
