"""The gateway's memory does not grow with the number of requests, of whatever kind."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from harness.dialects import CLIENTS
from harness.gateway import Gateway, model, target
from harness.provider import Provider
from harness.wire import Http

NAMES = ["openai-a", "anthropic-a"]
SCRIPTS = ["ok", "events-20", "end-4", "status-400"]
CLIENTS_AT_A_TIME = 4
ROUNDS = 90
GROWTH_MAX_KIB = 6 * 1024


@pytest.fixture(scope="module")
def gateway(start_gateway: Callable[..., Gateway], configure: Callable[..., dict[str, Any]]) -> Gateway:
    return start_gateway(configure({f"{n}/{s}": model(target(n, s)) for n in NAMES for s in SCRIPTS}))


def ask_everything(gateway: Gateway, rounds: int) -> int:
    """Every kind of request, several clients at a time; returns how many there were."""

    def ask(_: int) -> int:
        http, asked = Http(gateway.url), 0
        for _ in range(rounds):
            for client in CLIENTS:
                for name in [f"{n}/{s}" for n in NAMES for s in SCRIPTS] + ["nobody"]:
                    for stream in (False, True):
                        http.post(client.path, client.ask(name, "x" * 2000, stream=stream), client.headers)
                        asked += 1
        http.close()
        return asked

    with ThreadPoolExecutor(CLIENTS_AT_A_TIME) as pool:
        return sum(pool.map(ask, range(CLIENTS_AT_A_TIME)))


@pytest.mark.slow
def test_ten_thousand_requests_leave_no_trace_in_memory(gateway: Gateway, providers: dict[str, Provider]) -> None:
    ask_everything(gateway, rounds=ROUNDS // 4)
    warm = gateway.process.memory_kib()

    assert ask_everything(gateway, ROUNDS) > 10_000
    grown = gateway.process.memory_kib() - warm
    assert grown < GROWTH_MAX_KIB, f"{grown} KiB more after ten thousand requests"
