"""Where nothing may be dropped, a target that cannot express a request is passed over, and hides nobody's failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.dialects import CLIENTS, OPENAI, Dialect
from harness.gateway import Gateway, model, target
from harness.provider import Provider

# What each client can ask of its own dialect's providers only.
OWN: dict[str, dict[str, Any]] = {"openai": {"n": 2}, "anthropic": {"top_k": 5}}
SAME = {"openai": ("openai-a", "openai-b"), "anthropic": ("anthropic-a", "anthropic-b")}
OTHER = {"openai": ("anthropic-a", "anthropic-b"), "anthropic": ("openai-a", "openai-b")}

Start = Callable[..., Gateway]
Configure = Callable[..., dict[str, Any]]
clients = pytest.mark.parametrize("client", CLIENTS, ids=str)
streamed = pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])


def models() -> dict[str, Any]:
    written = {}
    for client in CLIENTS:
        (same, spare), (other, another) = SAME[client.name], OTHER[client.name]
        for retry, on in (("default", None), ("429", [429]), ("none", [])):
            more = {} if on is None else {"retry": {"on": on}}
            written[f"{client.name}/{retry}"] = model(target(other, "ok"), target(spare, "ok"), **more)
        written[f"{client.name}/between"] = model(target(same, "status-500"), target(other, "ok"), target(spare, "ok"))
        written[f"{client.name}/nobody"] = model(target(other, "ok"), target(another, "ok"))
        written[f"{client.name}/status-429"] = model(target(same, "status-429"), target(other, "ok"))
        written[f"{client.name}/alone"] = model(target(other, "ok"))
    return written


@pytest.fixture(scope="module")
def gateway(start_gateway: Start, configure: Configure) -> Gateway:
    return start_gateway(configure(models(), translation={"unsupported": "refuse"}))


def ask(client: Dialect, name: str, **more: Any) -> dict[str, Any]:
    """A request that only providers of the client's own dialect can be told."""
    return client.ask(f"{client.name}/{name}", **OWN[client.name], **more)


@clients
@streamed
@pytest.mark.parametrize("retry", ["default", "429", "none"])
def test_the_next_target_answers_whatever_failures_are_retried(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, stream: bool, retry: str
) -> None:
    reply = gateway.http.post(client.path, ask(client, retry, stream=stream), client.headers)

    assert reply.status == 200, reply.body
    spare = providers[SAME[client.name][1]]
    assert spare.name.encode() in reply.body
    assert OWN[client.name].items() <= spare.request().json().items()
    assert not providers[OTHER[client.name][0]].requests()
    assert (reply.headers["x-tollgate-provider"], reply.headers["x-tollgate-attempts"]) == (spare.name, "1")


@clients
def test_what_every_target_can_be_told_goes_to_the_first(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect
) -> None:
    reply = gateway.http.post(client.path, client.ask(f"{client.name}/default"), client.headers)

    assert client.read(reply).text == providers[OTHER[client.name][0]].greeting()
    assert reply.headers["x-tollgate-attempts"] == "1"


@clients
def test_a_target_between_a_failure_and_a_sound_one_does_not_end_the_chain(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect
) -> None:
    reply = gateway.http.post(client.path, ask(client, "between"), client.headers)

    assert reply.status == 200, reply.body
    assert reply.headers["x-tollgate-provider"] == SAME[client.name][1]
    assert reply.headers["x-tollgate-attempts"] == "2"
    assert not providers[OTHER[client.name][0]].requests()


@clients
def test_a_failure_is_told_although_a_target_behind_it_could_not_be_asked(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect
) -> None:
    reply = gateway.http.post(client.path, ask(client, "status-429"), client.headers)

    assert (reply.status, reply.headers["retry-after"]) == (429, "7")
    assert "message of its own" in client.failure(reply.json()).message
    assert reply.headers["x-tollgate-provider"] == SAME[client.name][0]


@clients
def test_where_no_target_can_express_it_the_client_reads_what(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect
) -> None:
    gateway.settled_access_log()
    reply = gateway.http.post(client.path, ask(client, "nobody"), client.headers)

    assert reply.status == 400
    (field,) = OWN[client.name]
    assert f"`{field}`" in client.failure(reply.json()).message
    assert all(not provider.requests() for provider in providers.values())
    assert int(reply.headers["x-tollgate-attempts"]) == int(gateway.settled_access_log()[-1]["attempts"])


@clients
def test_what_is_refused_before_the_first_try_is_no_attempt(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect
) -> None:
    gateway.settled_access_log()
    reply = gateway.http.post(client.path, ask(client, "alone"), client.headers)

    assert (reply.status, reply.headers["x-tollgate-attempts"]) == (400, "0")
    line = gateway.settled_access_log()[-1]
    assert (line["status"], int(line["attempts"])) == (400, 0)


@clients
def test_a_target_that_was_not_asked_is_not_taken_for_a_sick_one(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect
) -> None:
    for name, status in (("default", 200), ("nobody", 400)):
        for _ in range(10):
            assert gateway.http.post(client.path, ask(client, name), client.headers).status == status
        reply = gateway.http.post(client.path, client.ask(f"{client.name}/{name}"), client.headers)
        assert client.read(reply).text == providers[OTHER[client.name][0]].greeting()
        assert reply.headers["x-tollgate-attempts"] == "1"


@streamed
def test_a_missing_key_hides_no_failure_of_the_targets_before_it(
    start_gateway: Start, configure: Configure, providers: dict[str, Provider], stream: bool
) -> None:
    written = {
        "behind": model(target("openai-b", "status-503"), target("openai-a", "ok")),
        "first": model(target("openai-a", "ok"), target("openai-b", "ok")),
    }
    gateway = start_gateway(configure(written), without_key=providers["openai-a"].key_env)
    reply = gateway.http.post(OPENAI.path, OPENAI.ask("behind", stream=stream), OPENAI.headers)
    assert reply.status == 503
    assert "2 attempts failed (503, refused)" in OPENAI.failure(reply.json()).message
    assert reply.headers["x-tollgate-provider"] == "openai-b"

    reply = gateway.http.post(OPENAI.path, OPENAI.ask("first", stream=stream), OPENAI.headers)
    assert reply.status == 500
    assert "no key" in OPENAI.failure(reply.json()).message
    assert not providers["openai-a"].requests()
