"""Streams flow: the first word at once, hang-ups reach the provider, and many at a time stay apart."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from harness.dialects import CLIENTS, Dialect
from harness.gateway import Gateway, model, target
from harness.process import eventually
from harness.provider import Provider
from harness.wire import Http, Reply

NAMES = ["openai-a", "anthropic-a"]
CONCURRENT = 200

clients = pytest.mark.parametrize("client", CLIENTS, ids=str)
names = pytest.mark.parametrize("name", NAMES)


@clients
@names
def test_the_first_words_arrive_before_the_provider_says_the_second(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str
) -> None:
    body = client.ask(f"{name}/gate-first", stream=True)
    with gateway.http.stream(client.path, body, client.headers) as stream:
        so_far = stream.read_until("Hello")
        assert b"from" not in so_far
        assert providers[name].request().state == "open"
        providers[name].open_gate("first")
        whole = stream.rest()

    said = client.read(Reply(200, stream.response.headers, whole))
    assert said.text == providers[name].greeting()


@clients
@names
def test_a_client_that_hangs_up_ends_the_providers_work(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str
) -> None:
    http = Http(gateway.url)
    with http.stream(client.path, client.ask(f"{name}/gate-never", stream=True), client.headers) as stream:
        stream.read_until("Hello")
        assert providers[name].request().state == "open"
    http.close()

    eventually(lambda: providers[name].request().state == "dropped", "the provider's connection is closed")


@pytest.fixture(scope="module")
def busy(start_gateway: Callable[..., Gateway], configure: Callable[..., dict[str, Any]]) -> Gateway:
    """A gateway with two workers."""
    models = {name: model(target(name, "echo+paced-2ms")) for name in NAMES}
    return start_gateway(configure(models), workers=2)


def test_many_streams_at_a_time_stay_apart(busy: Gateway, providers: dict[str, Provider]) -> None:
    def one(number: int) -> tuple[str, str]:
        client, name = CLIENTS[number % 2], NAMES[number // 2 % 2]
        text = " ".join(f"stream{number}-word{i}" for i in range(30))
        reply = busy.http.post(client.path, client.ask(name, text, stream=True), client.headers)
        return client.read(reply).text, text

    with ThreadPoolExecutor(CONCURRENT) as pool:
        for said, expected in pool.map(one, range(CONCURRENT)):
            assert said == expected


def test_streams_that_are_left_in_the_middle_leave_the_gateway_well(
    busy: Gateway, providers: dict[str, Provider]
) -> None:
    def leave(number: int) -> None:
        client, name = CLIENTS[number % 2], NAMES[number // 2 % 2]
        body = client.ask(name, " ".join(["word"] * 50), stream=True)
        with busy.http.stream(client.path, body, client.headers) as stream:
            assert isinstance(next(stream.response.iter_raw()), bytes)

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(leave, range(200)))
    for client in CLIENTS:
        reply = busy.http.post(client.path, client.ask("openai-a", "still well"), client.headers)
        assert client.read(reply).text == "still well"
