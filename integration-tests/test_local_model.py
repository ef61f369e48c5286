"""A real model, which nobody wrote for these tests, answers through both dialects on either side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import anthropic
import httpx
import openai
import pytest

from harness.dialects import CLIENTS, OPENAI, Dialect
from harness.environment import model_server
from harness.gateway import Gateway, model, target
from harness.process import Process, free_port

MODELS = ["as-openai", "as-anthropic"]

pytestmark = pytest.mark.model
models = pytest.mark.parametrize("name", MODELS)


@pytest.fixture
def question(request: pytest.FixtureRequest) -> str:
    """Another one for each test: the server leaves out a stream's beginning where it remembers the whole prompt."""
    return f"Say hello to {request.node.name}."


# What a reply with a piece missing makes of a test or of an SDK.
INCOMPLETE = (AssertionError, KeyError, RuntimeError, openai.APIError, anthropic.APIError)


def patiently(ask: Callable[[], None]) -> None:
    """Asks again where it fails: the server leaves out the first event of a stream now and then, gateway or not."""
    for _ in range(4):
        try:
            return ask()
        except INCOMPLETE:
            continue
    ask()


def user(text: str) -> Any:
    return [{"role": "user", "content": text}]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The local model's address; it speaks both dialects."""
    found, port = model_server(), free_port()
    process = Process([found.python, found.script, "--port", str(port)], tmp_path_factory.mktemp("model") / "log")
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        asked = {"model": "smollm2", "messages": user("Are you there?"), "max_tokens": 1}
        try:
            return httpx.post(f"{url}/v1/chat/completions", json=asked, trust_env=False, timeout=60).status_code == 200
        except httpx.TransportError:
            return False

    try:
        process.wait_for(answers, "the local model answers", 120)
        yield url
    finally:
        process.stop()


@pytest.fixture(scope="module")
def gateway(start_gateway: Callable[..., Gateway], configure: Callable[..., dict[str, Any]], server: str) -> Gateway:
    local = {"kind": "self_hosted", "url": server}
    providers = {
        "local-openai": {**local, "dialect": "openai_chat"},
        "local-anthropic": {**local, "dialect": "anthropic_messages"},
    }
    named = {f"as-{dialect}": model(target(f"local-{dialect}", "smollm2")) for dialect in ("openai", "anthropic")}
    return start_gateway(configure(named, providers=providers))


@models
@pytest.mark.parametrize("client", CLIENTS, ids=str)
@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_it_answers_by_the_wires_own_rules(
    gateway: Gateway, question: str, client: Dialect, name: str, stream: bool
) -> None:
    body = client.ask(name, question, stream=stream, max_tokens=12)

    def ask() -> None:
        said = client.read(gateway.http.post(client.path, body, client.headers))
        assert said.text.strip()
        assert said.finish in ("stop", "length")
        assert said.tokens and said.tokens[0] > 0 and 0 < said.tokens[2] <= 13

    patiently(ask)


@models
@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_it_answers_openais_sdk(gateway: Gateway, question: str, name: str, stream: bool) -> None:
    asked: Any = {"model": name, "messages": user(question), "max_tokens": 12}
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key="any", max_retries=0) as sdk:

        def ask() -> None:
            if stream:
                chunks = sdk.chat.completions.create(**asked, stream=True)
                text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
            else:
                text = sdk.chat.completions.create(**asked).choices[0].message.content or ""
            assert text.strip()

        patiently(ask)


@models
@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_it_answers_anthropics_sdk(gateway: Gateway, question: str, name: str, stream: bool) -> None:
    asked: Any = {"model": name, "messages": user(question), "max_tokens": 12}
    with anthropic.Anthropic(base_url=gateway.url, api_key="any", max_retries=0) as sdk:

        def ask() -> None:
            if stream:
                with sdk.messages.stream(**asked) as streamed:
                    text = "".join(streamed.text_stream)
            else:
                content = sdk.messages.create(**asked).content
                text = "".join(block.text for block in content if block.type == "text")
            assert text.strip()

        patiently(ask)


@models
def test_its_tokens_are_counted(gateway: Gateway, question: str, name: str) -> None:
    body = OPENAI.ask(name, question, stream=True, max_tokens=12)

    def ask() -> None:
        gateway.settled_access_log()
        said = OPENAI.read(gateway.http.post(OPENAI.path, body, OPENAI.headers))
        line = gateway.settled_access_log()[-1]
        assert said.tokens and said.tokens[0] > 0
        assert (int(line["prompt_tokens"]), int(line["completion_tokens"])) == (said.tokens[0], said.tokens[2])

    patiently(ask)
