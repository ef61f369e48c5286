"""Starts what the stories need, once for as many of them as can share it, and stops all of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harness.environment import Programs, envoy_version
from harness.environment import programs as find_programs
from harness.gateway import Gateway, model, target
from harness.provider import Provider

PROVIDERS = {
    "openai-a": "openai_chat",
    "openai-b": "openai_chat",
    "anthropic-a": "anthropic_messages",
    "anthropic-b": "anthropic_messages",
}

# What the providers of the gateway that most tests share are asked for, as `provider/script`.
SCRIPTS = [
    "ok",
    "echo",
    "tools",
    "parallel-tools",
    "thinking",
    "refusal",
    "lenient",
    "one-byte",
    "one-byte+parallel-tools",
    "crlf",
    "no-usage",
    "usage-with-choices",
    "events-200",
    "huge-8MiB",
    "rubbish",
    "gzip",
    "status-400",
    "status-401",
    "status-403",
    "gate-first",
    "gate-never",
    "cut-0",
    "cut-4",
    "end-4",
    "error-event-0",
    "error-event-4",
    "rubbish-stream-0",
    "rubbish-stream-4",
]

StartGateway = Callable[..., Gateway]
Configure = Callable[..., dict[str, Any]]


def pytest_configure() -> None:
    """SDKs read the proxy from the environment; what runs on this machine is reached without one."""
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"


@pytest.fixture(scope="session")
def programs() -> Programs:
    return find_programs()


@pytest.fixture
def takes_back_heads(programs: Programs) -> None:
    """For what needs an Envoy that can take back a reply's head which a filter has held."""
    if envoy_version(programs.envoy) < (1, 37):
        pytest.skip("Envoy before 1.37 cannot take back a head that a filter held, so replies pass as they come")


@pytest.fixture(scope="session")
def all_providers(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Provider]]:
    directory = tmp_path_factory.mktemp("providers")
    started: dict[str, Provider] = {}
    try:
        for name, dialect in PROVIDERS.items():
            started[name] = Provider(programs.provider, name, dialect, directory)
        yield started
    finally:
        for provider in started.values():
            provider.stop()


@pytest.fixture
def providers(all_providers: dict[str, Provider]) -> dict[str, Provider]:
    """The providers by name, with no requests received so far."""
    for provider in all_providers.values():
        provider.forget()
    return all_providers


@pytest.fixture(scope="module")
def start_gateway(
    programs: Programs, all_providers: dict[str, Provider], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartGateway]:
    """Starts gateways for one story, and stops them at its end."""
    started: list[Gateway] = []

    def start(config: dict[str, Any], workers: int = 1, without_key: str = "") -> Gateway:
        directory = tmp_path_factory.mktemp("gateway")
        started.append(Gateway(programs, all_providers.values(), config, directory, workers, without_key))
        return started[-1]

    yield start
    for gateway in started:
        gateway.stop()


@pytest.fixture(scope="session")
def configure(all_providers: dict[str, Provider]) -> Configure:
    """A configuration with the given models, all scripted providers, and whatever else is given."""

    def written(models: dict[str, Any], **more: Any) -> dict[str, Any]:
        providers = {name: provider.config() for name, provider in all_providers.items()}
        return {"version": 1, "providers": {**providers, **more.pop("providers", {})}, "models": models, **more}

    return written


@pytest.fixture(scope="session")
def gateway(
    programs: Programs,
    all_providers: dict[str, Provider],
    configure: Configure,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Gateway]:
    """The gateway that most tests share: one provider of each dialect, every script as a model of its own."""
    names = ["openai-a", "anthropic-a"]
    models = {f"{name}/{script}": model(target(name, script)) for name in names for script in SCRIPTS}
    shared = Gateway(programs, all_providers.values(), configure(models), tmp_path_factory.mktemp("shared"))
    yield shared
    shared.stop()
