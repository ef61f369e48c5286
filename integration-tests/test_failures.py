"""Whatever a provider's error looks like, the client reads it in its dialect, with its status and its advice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.dialects import CLIENTS, OPENAI, Dialect
from harness.gateway import Gateway, model, target
from harness.provider import Provider
from harness.wire import Reply

NAMES = ("openai-a", "anthropic-a")
SCRIPTS = [f"status-{status}+empty-body" for status in (404, 429, 500, 529)]
SCRIPTS += [f"tells-{status}" for status in (401, 404, 429, 529)]
SCRIPTS += [f"status-{status}+html-error" for status in (404, 429, 502)]

pytestmark = [pytest.mark.parametrize("client", CLIENTS, ids=str), pytest.mark.parametrize("name", NAMES)]
streamed = pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
behind = pytest.mark.parametrize("behind", ["alone", "second"])


@pytest.fixture(scope="module")
def gateway(start_gateway: Callable[..., Gateway], configure: Callable[..., dict[str, Any]]) -> Gateway:
    models = {}
    for name in NAMES:
        for script in SCRIPTS:
            models[f"{name}/alone/{script}"] = model(target(name, script))
            models[f"{name}/second/{script}"] = model(target("openai-b", "status-429"), target(name, script))
        models[f"{name}/alone/ok"] = model(target(name, "ok"))
        models[f"{name}/second/ok"] = model(target("openai-b", "status-429"), target(name, "ok"))
    return start_gateway(configure(models))


@pytest.fixture(autouse=True)
def healthy(gateway: Gateway, providers: dict[str, Provider], name: str) -> None:
    """The provider has just answered well, so that Envoy does not leave it alone for earlier failures."""
    for where in ("alone", "second"):
        body = OPENAI.ask(f"{name}/{where}/ok")
        assert gateway.http.post(OPENAI.path, body, OPENAI.headers).status == 200


def assert_told(reply: Reply, client: Dialect, status: int) -> None:
    """The client reads the status in an error of its dialect, with the advice of a provider that is busy."""
    assert reply.status == status
    assert str(status) in client.failure(reply.json()).message
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers.get("retry-after") == ("7" if status in (429, 529) else None)


@streamed
@behind
@pytest.mark.parametrize("status", [404, 429, 500, 529])
def test_an_error_without_a_body_keeps_its_status_and_its_advice(
    gateway: Gateway,
    providers: dict[str, Provider],
    client: Dialect,
    name: str,
    status: int,
    behind: str,
    stream: bool,
) -> None:
    body = client.ask(f"{name}/{behind}/status-{status}+empty-body", stream=stream)
    reply = gateway.http.post(client.path, body, client.headers)

    assert_told(reply, client, status)
    assert reply.headers["x-tollgate-attempts"] == ("1" if behind == "alone" else "2")


@streamed
@behind
@pytest.mark.parametrize("status", [404, 429, 502])
def test_a_page_for_people_becomes_an_error_that_an_sdk_can_read(
    gateway: Gateway,
    providers: dict[str, Provider],
    client: Dialect,
    name: str,
    status: int,
    behind: str,
    stream: bool,
) -> None:
    body = client.ask(f"{name}/{behind}/status-{status}+html-error", stream=stream)
    reply = gateway.http.post(client.path, body, client.headers)

    assert_told(reply, client, status)
    assert b"html" not in reply.body


@streamed
@pytest.mark.parametrize("status", [401, 404, 429, 529])
def test_an_error_behind_a_status_of_success_is_told_as_the_error_it_is(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str, status: int, stream: bool
) -> None:
    body = client.ask(f"{name}/alone/tells-{status}", stream=stream)
    reply = gateway.http.post(client.path, body, client.headers)

    failure = client.failure(reply.json())
    if name.startswith(client.name):  # passed on as it came
        assert reply.status == 200
    elif status == 401:  # the gateway's key
        assert reply.status == 502 and "message of its own" not in failure.message
    else:
        assert reply.status in (status, 502)  # OpenAI has no words for 529
        assert failure.message.endswith(f"{status} with a message of its own")
