"""Editing the configuration changes the running gateway, and no request notices."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from harness.dialects import ANTHROPIC, CLIENTS, OPENAI, Dialect
from harness.gateway import Gateway, RenderFailed, model, target
from harness.process import eventually
from harness.provider import Provider
from harness.wire import Http

Configure = Callable[..., dict[str, Any]]


@pytest.fixture
def gateway(start_gateway: Callable[..., Gateway], configure: Configure) -> Iterator[Gateway]:
    gateway = start_gateway(configure({"chat": model(target("openai-a", "ok"))}), workers=2)
    yield gateway
    gateway.stop()


def says(gateway: Gateway, name: str, client: Dialect = OPENAI) -> str:
    """What a model says, or the status with which it is refused."""
    reply = gateway.http.post(client.path, client.ask(name), client.headers)
    return client.read(reply).text if reply.status == 200 else str(reply.status)


def in_force(gateway: Gateway, name: str) -> bool:
    """Whether the edit that brings this model has arrived."""
    return says(gateway, name) != "404"


def test_a_new_model_answers_and_a_removed_one_is_gone(
    gateway: Gateway, configure: Configure, providers: dict[str, Provider]
) -> None:
    assert (says(gateway, "chat"), says(gateway, "new")) == (providers["openai-a"].greeting(), "404")

    gateway.render(configure({"new": model(target("anthropic-a", "ok"))}))
    eventually(lambda: says(gateway, "new") == providers["anthropic-a"].greeting(), "the new model answers")
    eventually(lambda: says(gateway, "chat") == "404", "the old model is gone")


def test_an_invalid_edit_is_refused_and_the_last_good_one_keeps_serving(
    gateway: Gateway, configure: Configure, providers: dict[str, Provider]
) -> None:
    before = gateway.rendered()
    with pytest.raises(RenderFailed, match="nobody"):
        gateway.render(configure({"chat": model(target("nobody", "ok"))}))

    assert gateway.rendered() == before
    for _ in range(20):
        assert says(gateway, "chat") == providers["openai-a"].greeting()


class Load:
    """Clients that ask without a pause, in both dialects, whole and streamed, and keep what went wrong."""

    def __init__(self, gateway: Gateway, expected: set[str]) -> None:
        self.answers: list[str] = []
        self.failures: list[str] = []
        self._expected = expected
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(Http(gateway.url), client, stream))
            for client in CLIENTS
            for stream in (False, True)
        ]
        for thread in self._threads:
            thread.start()

    def _ask(self, http: Http, client: Dialect, stream: bool) -> None:
        while not self._stop.is_set():
            try:
                reply = http.post(client.path, client.ask("chat", stream=stream), client.headers)
                text = client.read(reply).text
                self.answers.append(text)
                if text not in self._expected:
                    self.failures.append(text)
            except Exception as error:
                self.failures.append(repr(error))

    def hears(self, answer: str, since: int) -> bool:
        """Whether one of the answers since a moment was this."""
        return answer in self.answers[since:]

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)


def test_providers_and_models_change_under_load_without_a_failed_request(
    gateway: Gateway, configure: Configure, providers: dict[str, Provider]
) -> None:
    names = ["openai-a", "anthropic-a", "openai-b", "anthropic-b"]
    greetings = {providers[name].greeting() for name in names}
    load = Load(gateway, greetings)
    try:
        for turn, name in enumerate([*names[1:], *names]):
            models = {"chat": model(target(name, "ok")), f"extra-{turn}": model(target("openai-a", "ok"))}
            gateway.render(configure(models))
            eventually(partial(in_force, gateway, f"extra-{turn}"), "the edit is in force")
            eventually(partial(load.hears, providers[name].greeting(), len(load.answers)), f"{name} answers")
    finally:
        load.stop()

    assert load.failures == []
    assert set(load.answers) == greetings


def test_a_change_of_policy_is_in_force_without_a_restart(
    gateway: Gateway, configure: Configure, providers: dict[str, Provider]
) -> None:
    models = {"chat": model(target("anthropic-a", "ok"))}

    def status() -> int:
        return gateway.http.post(OPENAI.path, OPENAI.ask("chat", seed=1), OPENAI.headers).status

    gateway.render(configure(models))
    eventually(lambda: says(gateway, "chat", ANTHROPIC) == providers["anthropic-a"].greeting(), "the edit is in force")
    assert status() == 200
    gateway.render(configure(models, translation={"unsupported": "refuse"}))
    eventually(lambda: status() == 400, "the stricter translation is in force")


@pytest.mark.parametrize("client", CLIENTS, ids=str)
def test_a_request_falls_back_however_often_the_configuration_changed_since_it_began(
    gateway: Gateway, configure: Configure, providers: dict[str, Provider], client: Dialect
) -> None:
    slow = model(target("openai-a", "slow-6000ms+status-503"), target("anthropic-a", "ok"))
    chain = {"slow": slow, "marker": model(target("anthropic-a", "ok"))}
    gateway.render(configure(chain))
    replies: list[str] = []
    asking = threading.Thread(target=lambda: replies.append(says(gateway, "slow", client)))
    eventually(lambda: in_force(gateway, "marker"), "the edit is in force")
    providers["openai-a"].forget()
    asking.start()
    eventually(lambda: providers["openai-a"].requests(), "the first try is under way")
    for timeout in ("4s", "3s", "2s"):  # each makes other clusters of all
        gateway.render(configure(chain, bounds={"connect_timeout": timeout}))
    asking.join()

    assert replies == [providers["anthropic-a"].greeting()]
