"""Tools are offered, called (one or several at once, whole or streamed), and their results carried back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.dialects import ANTHROPIC, CLIENTS, OPENAI, WEATHER, Dialect
from harness.gateway import Gateway
from harness.provider import Provider

pytestmark = [
    pytest.mark.parametrize("client", CLIENTS, ids=str),
    pytest.mark.parametrize("name", ["openai-a", "anthropic-a"]),
]
streamed = pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
ARGUMENTS = {"city": "Paris", "days": 3}


def tools_seen(provider: Provider) -> list[tuple[str, str, Any]]:
    """Name, description and schema of the tools the provider was offered."""
    tools = provider.request().json()["tools"]
    if provider.dialect == "openai_chat":
        functions = [tool["function"] for tool in tools]
        return [(function["name"], function["description"], function["parameters"]) for function in functions]
    return [(tool["name"], tool["description"], tool["input_schema"]) for tool in tools]


@streamed
def test_a_tool_is_offered_and_called(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str, stream: bool
) -> None:
    body = client.ask(f"{name}/ok", "the weather in Paris?", stream=stream, tools=[client.weather_tool()])
    reply = gateway.http.post(client.path, body, client.headers)

    said = client.read(reply)
    assert [(tool, json.loads(arguments)) for tool, arguments in said.calls] == [("weather", ARGUMENTS)]
    assert (said.finish, said.text) == ("calls", "")
    assert tools_seen(providers[name]) == [("weather", "the weather in a city", WEATHER)]


@streamed
@pytest.mark.parametrize("script", ["parallel-tools", "one-byte+parallel-tools"])
def test_two_calls_in_one_turn_stay_two(
    gateway: Gateway, client: Dialect, name: str, stream: bool, script: str
) -> None:
    body = client.ask(f"{name}/{script}", stream=stream, tools=[client.weather_tool()])
    reply = gateway.http.post(client.path, body, client.headers)

    said = client.read(reply)
    assert [(tool, json.loads(arguments)) for tool, arguments in said.calls] == [("weather", ARGUMENTS)] * 2


@streamed
def test_results_of_two_calls_go_back_to_the_provider(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str, stream: bool
) -> None:
    body = client.ask(f"{name}/ok", "the weather?", stream=stream, tools=[client.weather_tool()])
    body["messages"] += turns_openai() if client is OPENAI else turns_anthropic()
    reply = gateway.http.post(client.path, body, client.headers)

    assert client.read(reply).text == "The tools say: rain | sun"
    seen = providers[name].request().json()["messages"]
    assert ids_of_calls(seen) == ["call_1", "call_2"]
    assert ids_of_results(seen) == ["call_1", "call_2"]


def turns_openai() -> list[dict[str, Any]]:
    calls = [
        {"id": f"call_{i}", "type": "function", "function": {"name": "weather", "arguments": json.dumps(ARGUMENTS)}}
        for i in (1, 2)
    ]
    results = [{"role": "tool", "tool_call_id": f"call_{i}", "content": text} for i, text in ((1, "rain"), (2, "sun"))]
    return [{"role": "assistant", "content": None, "tool_calls": calls}, *results]


def turns_anthropic() -> list[dict[str, Any]]:
    calls = [{"type": "tool_use", "id": f"call_{i}", "name": "weather", "input": ARGUMENTS} for i in (1, 2)]
    results = [
        {"type": "tool_result", "tool_use_id": "call_1", "content": "rain"},
        {"type": "tool_result", "tool_use_id": "call_2", "content": [{"type": "text", "text": "sun"}]},
    ]
    return [{"role": "assistant", "content": calls}, {"role": "user", "content": results}]


def ids_of_calls(messages: list[dict[str, Any]]) -> list[str]:
    calls = [call for message in messages for call in message.get("tool_calls") or []]
    blocks = [block for message in messages if isinstance(message["content"], list) for block in message["content"]]
    return [call["id"] for call in [*calls, *(block for block in blocks if block["type"] == "tool_use")]]


def ids_of_results(messages: list[dict[str, Any]]) -> list[str]:
    blocks = [block for message in messages if isinstance(message["content"], list) for block in message["content"]]
    results = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
    return results + [message["tool_call_id"] for message in messages if message["role"] == "tool"]


@pytest.mark.parametrize(
    ("openai", "anthropic"),
    [
        ("auto", {"type": "auto"}),
        ("required", {"type": "any"}),
        ("none", {"type": "none"}),
        ({"type": "function", "function": {"name": "weather"}}, {"type": "tool", "name": "weather"}),
    ],
    ids=["auto", "required", "none", "named"],
)
def test_the_choice_of_tools_means_the_same_on_the_other_side(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str, openai: Any, anthropic: Any
) -> None:
    choice = openai if client is OPENAI else anthropic
    body = client.ask(f"{name}/ok", tools=[client.weather_tool()], tool_choice=choice)
    reply = gateway.http.post(client.path, body, client.headers)

    said = client.read(reply)
    assert len(said.calls) == (0 if openai == "none" else 1)
    seen = providers[name].request().json()["tool_choice"]
    assert seen == (openai if providers[name].dialect == "openai_chat" else anthropic)


def test_one_call_at_a_time_can_be_asked_for(
    gateway: Gateway, providers: dict[str, Provider], client: Dialect, name: str
) -> None:
    only_one: dict[str, Any] = {"parallel_tool_calls": False}
    if client is ANTHROPIC:
        only_one = {"tool_choice": {"type": "auto", "disable_parallel_tool_use": True}}
    gateway.http.post(client.path, client.ask(f"{name}/ok", tools=[client.weather_tool()], **only_one), client.headers)

    seen = providers[name].request().json()
    if providers[name].dialect == "openai_chat":
        assert seen["parallel_tool_calls"] is False
    else:
        assert seen["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}
