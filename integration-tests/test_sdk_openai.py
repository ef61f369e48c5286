"""Programs written with OpenAI's SDK work with every provider, and see the errors they know."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from harness.dialects import OPENAI, WEATHER
from harness.gateway import Gateway
from harness.provider import Provider

USER: Any = [{"role": "user", "content": "the weather in Paris?"}]
TOOLS: Any = [OPENAI.weather_tool()]

names = pytest.mark.parametrize("name", ["openai-a", "anthropic-a"])


@pytest.fixture
def sdk(gateway: Gateway, providers: dict[str, Provider]) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key="clients-key", max_retries=0) as client:
        yield client


@names
def test_a_chat(sdk: openai.OpenAI, providers: dict[str, Provider], name: str) -> None:
    answer = sdk.chat.completions.create(model=f"{name}/ok", messages=USER, max_tokens=50)

    assert answer.choices[0].message.content == providers[name].greeting()
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage and answer.usage.total_tokens == 27
    assert answer.usage.prompt_tokens_details and answer.usage.prompt_tokens_details.cached_tokens == 5


@names
def test_a_streamed_chat(sdk: openai.OpenAI, providers: dict[str, Provider], name: str) -> None:
    chunks = list(sdk.chat.completions.create(model=f"{name}/ok", messages=USER, stream=True))

    deltas = [choice.delta.content or "" for chunk in chunks for choice in chunk.choices]
    assert "".join(deltas) == providers[name].greeting()
    assert len([delta for delta in deltas if delta]) == 7, "the pieces were not passed on as they came"
    assert all(chunk.choices for chunk in chunks)


@names
def test_a_streamed_chat_with_usage(sdk: openai.OpenAI, name: str) -> None:
    options: Any = {"include_usage": True}
    manager = sdk.chat.completions.stream(model=f"{name}/ok", messages=USER, stream_options=options)
    with manager as stream:
        final = stream.get_final_completion()

    assert final.usage and (final.usage.prompt_tokens, final.usage.completion_tokens) == (20, 7)


@names
def test_a_chat_without_waiting(gateway: Gateway, providers: dict[str, Provider], name: str) -> None:
    async def talk() -> str:
        async with openai.AsyncOpenAI(base_url=f"{gateway.url}/v1", api_key="any") as client:
            stream = await client.chat.completions.create(model=f"{name}/ok", messages=USER, stream=True)
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    assert asyncio.run(talk()) == providers[name].greeting()


@names
def test_a_tool_is_called_and_its_result_used(sdk: openai.OpenAI, name: str) -> None:
    asked = sdk.chat.completions.create(model=f"{name}/parallel-tools", messages=USER, tools=TOOLS)
    message: Any = asked.choices[0].message
    assert asked.choices[0].finish_reason == "tool_calls"
    assert [json.loads(call.function.arguments)["city"] for call in message.tool_calls or []] == ["Paris", "Paris"]

    results = [{"role": "tool", "tool_call_id": call.id, "content": "rain"} for call in message.tool_calls or []]
    messages: Any = [*USER, message.model_dump(exclude_none=True, exclude={"annotations"}), *results]
    answer = sdk.chat.completions.create(model=f"{name}/ok", messages=messages, tools=TOOLS)
    assert answer.choices[0].message.content == "The tools say: rain | rain"


@names
def test_a_tool_call_is_streamed(sdk: openai.OpenAI, name: str) -> None:
    with sdk.chat.completions.stream(model=f"{name}/ok", messages=USER, tools=TOOLS) as stream:
        choice = stream.get_final_completion().choices[0]

    assert choice.finish_reason == "tool_calls"
    calls: Any = choice.message.tool_calls or []
    assert [(call.function.name, json.loads(call.function.arguments)) for call in calls] == [
        ("weather", {"city": "Paris", "days": 3})
    ]


@names
def test_json_that_follows_a_schema(sdk: openai.OpenAI, name: str) -> None:
    format: Any = {"type": "json_schema", "json_schema": {"name": "place", "schema": WEATHER, "strict": True}}
    answer = sdk.chat.completions.create(model=f"{name}/ok", messages=USER, response_format=format)

    assert json.loads(answer.choices[0].message.content or "") == {"city": "Paris", "days": 3}


def test_errors_have_the_classes_the_sdk_knows(sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        sdk.chat.completions.create(model="nobody", messages=USER)
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError):
        sdk.chat.completions.create(model="anthropic-a/status-400", messages=USER)
    with pytest.raises(openai.InternalServerError) as refused:
        sdk.chat.completions.create(model="anthropic-a/status-401", messages=USER)
    assert refused.value.code == "provider_authentication"


@names
@pytest.mark.parametrize("script", ["error-event-4", "end-4"])
def test_a_stream_that_breaks_raises(sdk: openai.OpenAI, name: str, script: str) -> None:
    with pytest.raises(openai.APIError):
        list(sdk.chat.completions.create(model=f"{name}/{script}", messages=USER, stream=True))
