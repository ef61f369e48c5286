"""What a request says in one dialect, the provider reads in the other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.dialects import ANTHROPIC, OPENAI, Dialect
from harness.gateway import Gateway
from harness.provider import Provider

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
OPEN_SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
SCHEMA = {**OPEN_SCHEMA, "additionalProperties": False}


def seen(gateway: Gateway, provider: Provider, client: Dialect, body: dict[str, Any]) -> Any:
    """Sends the request, which must be answered well, and returns the body that the provider received."""
    reply = gateway.http.post(client.path, body, client.headers)
    client.read(reply)
    return provider.request().json()


def text_of(content: Any) -> str:
    """The text of a system prompt or a message, written in whichever way."""
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def test_system_and_developer_messages_become_anthropics_system_prompt(
    gateway: Gateway, providers: dict[str, Provider]
) -> None:
    body = OPENAI.ask("anthropic-a/ok")
    instructions: list[Any] = [{"role": "system", "content": "Be brief."}]
    instructions += [{"role": "developer", "content": [{"type": "text", "text": "Be kind."}]}]
    body["messages"] = instructions + body["messages"]
    got = seen(gateway, providers["anthropic-a"], OPENAI, body)

    assert "Be brief." in text_of(got["system"]) and "Be kind." in text_of(got["system"])
    assert [message["role"] for message in got["messages"]] == ["user"]


@pytest.mark.parametrize("system", ["Be brief.", [{"type": "text", "text": "Be brief."}]], ids=["text", "blocks"])
def test_anthropics_system_prompt_becomes_the_first_message(
    gateway: Gateway, providers: dict[str, Provider], system: Any
) -> None:
    got = seen(gateway, providers["openai-a"], ANTHROPIC, ANTHROPIC.ask("openai-a/ok", system=system))

    first, second = got["messages"]
    assert first["role"] in ("system", "developer") and text_of(first["content"]) == "Be brief."
    assert second["role"] == "user" and text_of(second["content"]) == "hi"


def test_a_conversation_keeps_its_turns(gateway: Gateway, providers: dict[str, Provider]) -> None:
    turns = [("user", "one"), ("assistant", "two"), ("user", "three")]
    for client, name in ((OPENAI, "anthropic-a"), (ANTHROPIC, "openai-a")):
        body = client.ask(f"{name}/ok")
        body["messages"] = [{"role": role, "content": text} for role, text in turns]
        got = seen(gateway, providers[name], client, body)
        assert [(message["role"], text_of(message["content"])) for message in got["messages"]] == turns


def test_images_of_an_openai_client_reach_anthropic(gateway: Gateway, providers: dict[str, Provider]) -> None:
    urls = [f"data:image/png;base64,{PNG}", "https://example.com/cat.jpg"]
    parts: list[Any] = [{"type": "text", "text": "Compare:"}]
    parts += [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    body = OPENAI.ask("anthropic-a/ok")
    body["messages"] = [{"role": "user", "content": parts}]
    got = seen(gateway, providers["anthropic-a"], OPENAI, body)

    assert got["messages"][0]["content"] == [
        {"type": "text", "text": "Compare:"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
        {"type": "image", "source": {"type": "url", "url": "https://example.com/cat.jpg"}},
    ]


def test_images_of_an_anthropic_client_reach_openai(gateway: Gateway, providers: dict[str, Provider]) -> None:
    sources = [{"type": "base64", "media_type": "image/png", "data": PNG}]
    sources += [{"type": "url", "url": "https://example.com/cat.jpg"}]
    body = ANTHROPIC.ask("openai-a/ok")
    blocks: list[Any] = [{"type": "image", "source": source} for source in sources]
    body["messages"] = [{"role": "user", "content": [*blocks, {"type": "text", "text": "Compare."}]}]
    got = seen(gateway, providers["openai-a"], ANTHROPIC, body)

    first, second, third = got["messages"][0]["content"]
    assert first["image_url"]["url"] == f"data:image/png;base64,{PNG}"
    assert second["image_url"]["url"] == "https://example.com/cat.jpg"
    assert third == {"type": "text", "text": "Compare."}


def test_a_json_schema_reaches_the_other_side(gateway: Gateway, providers: dict[str, Provider]) -> None:
    openai = {"type": "json_schema", "json_schema": {"name": "place", "schema": SCHEMA}}
    reply = gateway.http.post(OPENAI.path, OPENAI.ask("anthropic-a/ok", response_format=openai), OPENAI.headers)
    assert json.loads(OPENAI.read(reply).text) == {"city": "Paris"}
    got = providers["anthropic-a"].request().json()
    assert got["output_config"]["format"] == {"type": "json_schema", "schema": SCHEMA}

    anthropic = {"format": {"type": "json_schema", "schema": SCHEMA}}
    reply = gateway.http.post(ANTHROPIC.path, ANTHROPIC.ask("openai-a/ok", output_config=anthropic), ANTHROPIC.headers)
    assert json.loads(ANTHROPIC.read(reply).text) == {"city": "Paris"}
    format = providers["openai-a"].request().json()["response_format"]
    assert (format["type"], format["json_schema"]["schema"]) == ("json_schema", SCHEMA)


def test_a_schema_that_anthropic_does_not_take_reaches_it_in_words_and_is_noted(
    gateway: Gateway, providers: dict[str, Provider]
) -> None:
    openai = {"type": "json_schema", "json_schema": {"name": "place", "schema": OPEN_SCHEMA}}
    reply = gateway.http.post(OPENAI.path, OPENAI.ask("anthropic-a/ok", response_format=openai), OPENAI.headers)

    OPENAI.read(reply)
    got = providers["anthropic-a"].request().json()
    assert "output_config" not in got
    assert json.loads(text_of(got["system"]).splitlines()[-1]) == OPEN_SCHEMA
    assert reply.headers["x-tollgate-unsupported"] == "response_format"


def test_json_mode_reaches_anthropic_in_words_and_is_noted(gateway: Gateway, providers: dict[str, Provider]) -> None:
    """Anthropic's schemas are closed, so there is none for just any object."""
    body = OPENAI.ask("anthropic-a/ok", response_format={"type": "json_object"})
    reply = gateway.http.post(OPENAI.path, body, OPENAI.headers)

    OPENAI.read(reply)
    assert "JSON" in text_of(providers["anthropic-a"].request().json()["system"])
    assert reply.headers["x-tollgate-unsupported"] == "response_format"


@pytest.mark.parametrize("stop", ["END", ["END", "FIN"]], ids=["one", "two"])
def test_stop_sequences_reach_anthropic(gateway: Gateway, providers: dict[str, Provider], stop: Any) -> None:
    got = seen(gateway, providers["anthropic-a"], OPENAI, OPENAI.ask("anthropic-a/ok", stop=stop))

    assert got["stop_sequences"] == ([stop] if isinstance(stop, str) else stop)


def test_the_settings_of_an_openai_client_reach_anthropic(gateway: Gateway, providers: dict[str, Provider]) -> None:
    body = OPENAI.ask("anthropic-a/ok", temperature=0.25, top_p=0.5, max_completion_tokens=77, user="u-1")
    got = seen(gateway, providers["anthropic-a"], OPENAI, body)

    assert (got["temperature"], got["top_p"], got["max_tokens"]) == (0.25, 0.5, 77)
    assert got["metadata"] == {"user_id": "u-1"}


def test_the_settings_of_an_anthropic_client_reach_openai(gateway: Gateway, providers: dict[str, Provider]) -> None:
    body = ANTHROPIC.ask("openai-a/ok", temperature=0.25, top_p=0.5, max_tokens=77, stop_sequences=["END"])
    body["metadata"] = {"user_id": "u-1"}
    got = seen(gateway, providers["openai-a"], ANTHROPIC, body)

    assert (got["temperature"], got["top_p"], got["stop"]) == (0.25, 0.5, ["END"])
    assert got.get("max_completion_tokens", got.get("max_tokens")) == 77
    assert got.get("user", got.get("safety_identifier")) == "u-1"


def test_anthropic_gets_a_bound_on_tokens_when_an_openai_client_sets_none(
    gateway: Gateway, providers: dict[str, Provider]
) -> None:
    assert seen(gateway, providers["anthropic-a"], OPENAI, OPENAI.ask("anthropic-a/ok"))["max_tokens"] >= 1024


@pytest.mark.parametrize("effort", ["low", "medium", "high"])
def test_reasoning_effort_becomes_thinking_that_anthropic_accepts(
    gateway: Gateway, providers: dict[str, Provider], effort: str
) -> None:
    body = OPENAI.ask("anthropic-a/ok", reasoning_effort=effort, max_completion_tokens=8000)
    got = seen(gateway, providers["anthropic-a"], OPENAI, body)

    assert got["thinking"]["type"] == "enabled"
    assert 1024 <= got["thinking"]["budget_tokens"] < got["max_tokens"]


def test_more_effort_is_a_larger_budget(gateway: Gateway, providers: dict[str, Provider]) -> None:
    for effort in ("low", "medium", "high"):
        body = OPENAI.ask("anthropic-a/ok", reasoning_effort=effort, max_completion_tokens=30000)
        gateway.http.post(OPENAI.path, body, OPENAI.headers)

    budgets = [request.json()["thinking"]["budget_tokens"] for request in providers["anthropic-a"].requests()]
    assert budgets == sorted(set(budgets)) and len(budgets) == 3


def test_thinking_becomes_reasoning_effort(gateway: Gateway, providers: dict[str, Provider]) -> None:
    thinking = {"type": "enabled", "budget_tokens": 2048}
    body = ANTHROPIC.ask("openai-a/ok", thinking=thinking, max_tokens=8000)
    got = seen(gateway, providers["openai-a"], ANTHROPIC, body)

    assert got["reasoning_effort"] in ("low", "medium", "high")
    assert "thinking" not in got


@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_the_text_behind_thinking_reaches_every_client(
    gateway: Gateway, providers: dict[str, Provider], stream: bool
) -> None:
    for client in (OPENAI, ANTHROPIC):
        for name in ("openai-a", "anthropic-a"):
            reply = gateway.http.post(client.path, client.ask(f"{name}/thinking", stream=stream), client.headers)
            said = client.read(reply)
            assert said.text == providers[name].greeting(), (client, name)
            assert said.tokens == (20, 5, 14), (client, name)


def test_escapes_and_scripts_of_the_world_survive_translation(gateway: Gateway, providers: dict[str, Provider]) -> None:
    text = 'quote " backslash \\ tab \t newline \n nul-free \u0001 emoji 🚲 ß 日本語 \u2028 </script>'
    for client, name in ((OPENAI, "anthropic-a"), (ANTHROPIC, "openai-a")):
        for stream in (False, True):
            providers[name].forget()
            reply = gateway.http.post(client.path, client.ask(f"{name}/echo", text, stream=stream), client.headers)
            assert client.read(reply).text == text
            assert text_of(providers[name].request().json()["messages"][0]["content"]) == text


def test_usage_that_comes_with_the_last_choice_is_not_lost(gateway: Gateway, providers: dict[str, Provider]) -> None:
    for client in (OPENAI, ANTHROPIC):
        body = client.ask("openai-a/usage-with-choices", stream=True)
        assert client.read(gateway.http.post(client.path, body, client.headers)).tokens == (20, 5, 7)
