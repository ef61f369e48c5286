"""Each request leaves one line and some numbers, and not a word of what was said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.dialects import ANTHROPIC, CLIENTS, OPENAI, Dialect
from harness.gateway import Gateway, model, target
from harness.process import eventually
from harness.provider import Provider
from harness.wire import Http

CANARY = "canary-4711"
TIMES = ("request_duration", "time_to_first_token")

clients = pytest.mark.parametrize("client", CLIENTS, ids=str)
names = pytest.mark.parametrize("name", ["openai-a", "anthropic-a"])
streamed = pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])


@pytest.fixture(scope="module")
def gateway(start_gateway: Callable[..., Gateway], configure: Callable[..., dict[str, Any]]) -> Gateway:
    models = {}
    for name in ("openai-a", "anthropic-a"):
        models[name] = model(target(name, "thinking"))
        models[f"{name}-counted"] = model(target(name, "thinking"))
        models[f"{name}-echo"] = model(target(name, "echo"))
        models[f"{name}-cut"] = model(target(name, "cut-5"))
        models[f"{name}-cut-50"] = model(target(name, "cut-50"))
        models[f"{name}-gate"] = model(target(name, "gate-never"))
        models[f"{name}-end"] = model(target(name, "end-5"))
        models[f"{name}-refuses"] = model(target(name, "status-400"))
    models["timed"] = model(target("openai-a", "ok"))
    models["falls-back"] = model(target("openai-a", "status-503"), target("anthropic-b", "ok"))
    return start_gateway(configure(models))


def line_of(gateway: Gateway, client: Dialect, body: dict[str, Any]) -> dict[str, Any]:
    """Sends a request and returns its line, which must be its only one."""
    before = len(gateway.settled_access_log())
    gateway.http.post(client.path, body, client.headers)
    lines = gateway.settled_access_log()
    assert len(lines) == before + 1
    return lines[-1]


@clients
@names
@streamed
def test_a_request_is_logged_in_one_line_with_all_its_numbers(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str, stream: bool
) -> None:
    line = line_of(gateway, client, client.ask(name, stream=stream))

    assert line["client_dialect"] == {"openai": "openai_chat", "anthropic": "anthropic_messages"}[client.name]
    assert (line["method"], line["path"], line["status"]) == ("POST", client.path, 200)
    assert (line["model"], line["provider"], line["upstream_model"]) == (name, name, "thinking")
    assert int(line["attempts"]) == 1
    tokens = [int(line[f"{kind}_tokens"]) for kind in ("prompt", "completion", "cached")]
    assert tokens == [20, 14, 5]
    if name == "openai-a":  # Anthropic does not say how many tokens its thinking took.
        assert int(line["reasoning_tokens"]) == 7
    assert line["request_id"]
    assert 0 <= line["first_byte_ms"] <= line["duration_ms"]


def test_a_client_that_did_not_ask_for_usage_is_counted_all_the_same(
    gateway: Gateway, providers: dict[str, Provider]
) -> None:
    body = OPENAI.ask("openai-a", stream=True, stream_options={"include_usage": False})
    line = line_of(gateway, OPENAI, body)

    assert (int(line["prompt_tokens"]), int(line["completion_tokens"])) == (20, 14)


def test_who_answered_after_a_fallback_is_logged(gateway: Gateway, providers: dict[str, Provider]) -> None:
    line = line_of(gateway, OPENAI, OPENAI.ask("falls-back"))

    assert (line["model"], line["provider"], line["upstream_model"]) == ("falls-back", "anthropic-b", "ok")
    assert (int(line["attempts"]), line["status"]) == (2, 200)


@pytest.mark.parametrize("kind", ["unknown-model", "not-json", "unknown-path"])
def test_refusals_are_logged_with_their_status(gateway: Gateway, providers: dict[str, Provider], kind: str) -> None:
    gateway.settled_access_log()
    path = "/v1/other" if kind == "unknown-path" else OPENAI.path
    body = b"{" if kind == "not-json" else b'{"model":"nobody","messages":[{"role":"user","content":"hi"}]}'
    status = gateway.http.post(path, body, OPENAI.headers).status

    line = gateway.settled_access_log()[-1]
    assert (line["status"], line["path"]) == (status, path)


def count(gateway: Gateway, name: str, **labels: str) -> float:
    """The sum of all series of a metric that have these labels."""
    total = 0.0
    for line in gateway.metrics().splitlines():
        series, _, value = line.rpartition(" ")
        metric, _, written = series.partition("{")
        if metric == name and all(f'{label}="{text}"' in written for label, text in labels.items()):
            total += float(value)
    return total


@clients
@names
@streamed
def test_requests_and_tokens_are_counted_by_model_and_provider(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str, stream: bool
) -> None:
    # A model that no other test asks for: the filter hands its counts over a moment after the request.
    asked = f"{name}-counted"
    labels = {"gen_ai_provider_name": name, "gen_ai_request_model": asked, "gen_ai_response_model": "thinking"}

    def counted() -> tuple[float, ...]:
        requests = count(gateway, "tollgate_requests", http_response_status_code="200", **labels)
        tokens = [count(gateway, "tollgate_tokens", gen_ai_token_type=kind, **labels) for kind in ("input", "output")]
        return requests, *tokens

    before = counted()
    gateway.http.post(client.path, client.ask(asked, stream=stream), client.headers)

    def grown() -> list[float]:
        return [now - then for now, then in zip(counted(), before, strict=True)]

    eventually(lambda: grown()[0] == 1, "the request is counted")
    assert grown() == [1, 20, 14]


def test_durations_and_token_counts_are_distributions(gateway: Gateway, providers: dict[str, Provider]) -> None:
    labels = {"gen_ai_provider_name": "openai-a", "gen_ai_request_model": "timed"}
    for stream in (False, True):
        for client in CLIENTS:
            client.read(gateway.http.post(client.path, client.ask("timed", stream=stream), client.headers))

    def counted() -> list[float]:
        server = "tollgate_gen_ai_server"
        durations = [count(gateway, f"{server}_{name}_count", **labels) for name in TIMES]
        usage = "tollgate_gen_ai_client_token_usage_sum"
        tokens = [count(gateway, usage, gen_ai_token_type=kind, **labels) for kind in ("input", "output")]
        return [*durations, *tokens]

    # Envoy puts the distributions of its threads together every few seconds.
    eventually(lambda: counted()[0] == 4, "the requests are counted")
    durations, first_tokens, prompt, completion = counted()
    assert (durations, first_tokens) == (4, 2)
    assert prompt == pytest.approx(80, rel=0.1) and completion == pytest.approx(28, rel=0.1)


def test_refusals_are_counted_by_their_code(gateway: Gateway, providers: dict[str, Provider]) -> None:
    before = count(gateway, "tollgate_rejects", error_type="model_not_found")
    gateway.http.post(OPENAI.path, OPENAI.ask("nobody"), OPENAI.headers)

    eventually(lambda: count(gateway, "tollgate_rejects", error_type="model_not_found") == before + 1, "it is counted")


@pytest.mark.parametrize("script", ["end", "cut"])
def test_a_stream_that_breaks_is_counted(gateway: Gateway, providers: dict[str, Provider], script: str) -> None:
    before = count(gateway, "tollgate_broken_streams")
    gateway.http.post(OPENAI.path, OPENAI.ask(f"anthropic-a-{script}", stream=True), OPENAI.headers)
    eventually(lambda: count(gateway, "tollgate_broken_streams") == before + 1, "it is counted")


@pytest.mark.parametrize(("client", "name"), [(OPENAI, "openai-a"), (ANTHROPIC, "anthropic-a")])
def test_an_answer_that_passes_and_breaks_off_is_counted_as_broken(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str
) -> None:
    labels = {"gen_ai_request_model": f"{name}-cut-50"}
    before = count(gateway, "tollgate_broken_streams", **labels)
    reply = gateway.http.post(client.path, client.ask(f"{name}-cut-50"), client.headers)

    assert reply.status == 200 and reply.aborted
    eventually(lambda: count(gateway, "tollgate_broken_streams", **labels) == before + 1, "it is counted")


@clients
@names
def test_an_answer_that_came_whole_is_not_counted_as_broken(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str
) -> None:
    labels = {"gen_ai_request_model": f"{name}-echo"}
    before = count(gateway, "tollgate_requests", **labels)
    client.read(gateway.http.post(client.path, client.ask(f"{name}-echo"), client.headers))

    eventually(lambda: count(gateway, "tollgate_requests", **labels) == before + 1, "the request is counted")
    assert count(gateway, "tollgate_broken_streams", **labels) == 0


@names
@clients
def test_a_stream_that_its_client_leaves_is_not_counted_as_broken(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str
) -> None:
    labels = {"gen_ai_request_model": f"{name}-gate"}
    before = count(gateway, "tollgate_requests", **labels)
    http = Http(gateway.url)
    with http.stream(client.path, client.ask(f"{name}-gate", stream=True), client.headers) as stream:
        stream.read_until("Hello")
    http.close()

    eventually(lambda: count(gateway, "tollgate_requests", **labels) == before + 1, "the request is counted")
    assert count(gateway, "tollgate_broken_streams", **labels) == 0


@pytest.mark.parametrize(("client", "name"), [(OPENAI, "anthropic-a"), (ANTHROPIC, "openai-a")])
def test_an_answer_that_breaks_off_is_counted_with_the_status_that_its_client_gets(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str
) -> None:
    reply = gateway.http.post(client.path, client.ask(f"{name}-cut-50"), client.headers)

    labels = {"gen_ai_request_model": f"{name}-cut-50", "http_response_status_code": str(reply.status)}
    assert reply.status == 502
    eventually(lambda: count(gateway, "tollgate_requests", **labels) == 1, "the request is counted")


@clients
@names
def test_not_a_word_of_what_was_said_is_kept(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str
) -> None:
    bodies: list[Any] = [client.ask(f"{name}-echo", CANARY, stream=stream) for stream in (False, True)]
    bodies += [client.ask(f"{name}-{script}", CANARY, stream=True) for script in ("cut", "end", "refuses")]
    bodies += [client.ask(CANARY), client.ask(f"{name}-echo", CANARY, **{CANARY: CANARY})]
    bodies += [f'{{"model":"{name}-echo","{CANARY}'.encode(), b'{"messages":["' + CANARY.encode() + b'"]}']
    heard = [gateway.http.post(client.path, body, client.headers).body for body in bodies]

    assert sum(CANARY.encode() in body for body in heard) >= 2, "the canary was never said"
    gateway.settled_access_log()
    said = {"access log": gateway.access_log_file.read_text(), "log": gateway.process.output()}
    said["metrics"] = gateway.metrics()
    for place, text in said.items():
        assert CANARY not in text, f"the {place} holds what was said"
    assert providers[name].key not in "".join(said.values())


def test_no_key_is_in_a_rendered_file(gateway: Gateway, providers: dict[str, Provider]) -> None:
    rendered = gateway.rendered()

    for name in ("openai-a", "anthropic-a", "anthropic-b"):
        assert providers[name].key_env in rendered
    assert not any(provider.key in rendered for provider in providers.values())
