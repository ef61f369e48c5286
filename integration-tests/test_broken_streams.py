"""A stream that goes wrong never looks as if it had gone well, in any pair of dialects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.dialects import CLIENTS, Dialect
from harness.gateway import Gateway, model, target
from harness.process import eventually
from harness.provider import Provider
from harness.wire import Reply, events_of

pytestmark = [
    pytest.mark.parametrize("client", CLIENTS, ids=str),
    pytest.mark.parametrize("name", ["openai-a", "anthropic-a"]),
]


def ask(gateway: Gateway, client: Dialect, model: str) -> Reply:
    return gateway.http.post(client.path, client.ask(model, stream=True), client.headers)


def assert_failed_in_the_clients_protocol(client: Dialect, reply: Reply) -> None:
    """The reply is an error with an error's status, or a stream whose last event is the dialect's error."""
    if reply.headers["content-type"] == "application/json":
        assert reply.status >= 500
        client.failure(reply.json())
        return
    assert not reply.aborted
    failure = client.stream_failure(reply.events())
    assert failure is not None, reply.body[-300:]
    assert not client.succeeded(reply.events())


@pytest.mark.parametrize("script", ["end-4"])
def test_a_stream_that_ends_early_ends_in_an_error(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str, script: str
) -> None:
    assert_failed_in_the_clients_protocol(client, ask(gateway, client, f"{name}/{script}"))


@pytest.mark.parametrize("script", ["error-event-0", "error-event-4"])
def test_an_error_within_a_stream_is_told_in_the_clients_dialect(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str, script: str
) -> None:
    assert_failed_in_the_clients_protocol(client, ask(gateway, client, f"{name}/{script}"))


@pytest.mark.parametrize("script", ["rubbish-stream-0", "rubbish-stream-4"])
def test_rubbish_within_a_stream_ends_in_an_error(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str, script: str
) -> None:
    reply = ask(gateway, client, f"{name}/{script}")

    same = name.startswith(client.name)
    if same:  # passed on as it came: whatever the client makes of it, it is not told that all went well
        assert not client.succeeded([event for event in reply.events() if "rubbish" not in event.data])
    else:
        assert_failed_in_the_clients_protocol(client, reply)
        assert b"not JSON" not in reply.body


@pytest.mark.parametrize("script", ["cut-0", "cut-4"])
def test_a_connection_that_breaks_is_not_a_success(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str, script: str
) -> None:
    """Envoy resets the client's stream when the provider's breaks: there is no event that it could carry."""
    reply = ask(gateway, client, f"{name}/{script}")

    if reply.status != 200:
        client.failure(reply.json())
        return
    events = list(events_of(reply.body))
    assert not client.succeeded(events)
    assert reply.aborted or client.stream_failure(events) is not None


@pytest.fixture(scope="module")
def impatient(start_gateway: Callable[..., Gateway], configure: Callable[..., dict[str, Any]]) -> Gateway:
    """A gateway that gives up on silence soon."""
    scripts = [(name, script) for name in ("openai-a", "anthropic-a") for script in ("stall-4", "stall-50", "cut-50")]
    models = {f"{name}/{script}": model(target(name, script)) for name, script in scripts}
    return start_gateway(configure(models, bounds={"stream_idle": "500ms"}))


def test_a_stream_that_falls_silent_is_not_a_success(
    impatient: Gateway, providers: dict[str, Provider], client: Dialect, name: str
) -> None:
    reply = ask(impatient, client, f"{name}/stall-4")

    events = list(events_of(reply.body))
    assert b"Hello" in reply.body
    assert not client.succeeded(events)
    assert reply.aborted or client.stream_failure(events) is not None
    eventually(lambda: providers[name].request().state == "dropped", "the provider's connection is closed")


@pytest.mark.parametrize("script", ["cut-50", "stall-50"])
def test_a_whole_answer_that_breaks_off_is_an_error_in_the_clients_dialect(
    impatient: Gateway, providers: dict[str, Provider], client: Dialect, name: str, script: str
) -> None:
    reply = impatient.http.post(client.path, client.ask(f"{name}/{script}"), client.headers)

    if name.startswith(client.name):  # passed on as it came: the client sees the connection break
        assert reply.aborted
        return
    assert reply.status in (502, 504), reply.status
    client.failure(reply.json())


@pytest.mark.parametrize("script", ["end-4", "error-event-4", "cut-4"])
def test_what_was_said_before_a_break_did_arrive(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str, script: str
) -> None:
    reply = ask(gateway, client, f"{name}/{script}")

    assert b"Hello" in reply.body


@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_an_answer_that_is_not_json_is_an_error_of_the_provider(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str, stream: bool
) -> None:
    reply = gateway.http.post(client.path, client.ask(f"{name}/rubbish", stream=stream), client.headers)

    if name.startswith(client.name):  # passed on as it came, which no client takes for an answer
        assert reply.body == b"<html>this is {not JSON</html>" or reply.status == 502
        return
    assert reply.status == 502, (reply.status, reply.body)
    assert client.failure(reply.json()).code in ("upstream_error", None)
    assert b"html" not in reply.body


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_told_as_a_fault_of_the_gateway(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str, status: int
) -> None:
    reply = gateway.http.post(client.path, client.ask(f"{name}/status-{status}", stream=True), client.headers)

    assert reply.status == 502
    client.failure(reply.json())
    assert b"message of its own" not in reply.body


def test_a_request_that_the_provider_refuses_is_refused_in_the_clients_dialect(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str
) -> None:
    reply = gateway.http.post(client.path, client.ask(f"{name}/status-400"), client.headers)

    assert reply.status == 400
    assert client.failure(reply.json()).type == "invalid_request_error"
