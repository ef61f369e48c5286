"""Programs written with Anthropic's SDK work with every provider, and see the errors they know."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import anthropic
import pytest

from harness.dialects import ANTHROPIC
from harness.gateway import Gateway
from harness.provider import Provider

USER: Any = [{"role": "user", "content": "the weather in Paris?"}]
TOOLS: Any = [ANTHROPIC.weather_tool()]
INPUT = {"city": "Paris", "days": 3}

names = pytest.mark.parametrize("name", ["openai-a", "anthropic-a"])


@pytest.fixture
def sdk(gateway: Gateway, providers: dict[str, Provider]) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=gateway.url, api_key="clients-key", max_retries=0) as client:
        yield client


def text_of(message: anthropic.types.Message) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


@names
def test_a_chat(sdk: anthropic.Anthropic, providers: dict[str, Provider], name: str) -> None:
    answer = sdk.messages.create(model=f"{name}/ok", messages=USER, max_tokens=50, system="Be brief.")

    assert text_of(answer) == providers[name].greeting()
    assert answer.stop_reason == "end_turn"
    assert (answer.usage.cache_read_input_tokens, answer.usage.output_tokens) == (5, 7)


@names
def test_a_streamed_chat(sdk: anthropic.Anthropic, providers: dict[str, Provider], name: str) -> None:
    with sdk.messages.stream(model=f"{name}/ok", messages=USER, max_tokens=50) as stream:
        pieces = list(stream.text_stream)
        final = stream.get_final_message()

    assert "".join(pieces) == text_of(final) == providers[name].greeting()
    assert len(pieces) == 7, "the pieces were not passed on as they came"
    assert (final.stop_reason, final.usage.output_tokens) == ("end_turn", 7)


@names
def test_a_chat_without_waiting(gateway: Gateway, providers: dict[str, Provider], name: str) -> None:
    async def talk() -> str:
        async with anthropic.AsyncAnthropic(base_url=gateway.url, api_key="any") as client:
            async with client.messages.stream(model=f"{name}/ok", messages=USER, max_tokens=50) as stream:
                return "".join([piece async for piece in stream.text_stream])

    assert asyncio.run(talk()) == providers[name].greeting()


@names
def test_a_tool_is_called_and_its_result_used(sdk: anthropic.Anthropic, name: str) -> None:
    script = f"{name}/parallel-tools"
    asked = sdk.messages.create(model=script, messages=USER, tools=TOOLS, max_tokens=500)
    calls = [block for block in asked.content if block.type == "tool_use"]
    assert asked.stop_reason == "tool_use"
    assert [(call.name, call.input) for call in calls] == [("weather", INPUT)] * 2

    results = [{"type": "tool_result", "tool_use_id": call.id, "content": "rain"} for call in calls]
    used = [{"type": "tool_use", "id": call.id, "name": call.name, "input": call.input} for call in calls]
    messages: Any = [*USER, {"role": "assistant", "content": used}, {"role": "user", "content": results}]
    answer = sdk.messages.create(model=f"{name}/ok", messages=messages, tools=TOOLS, max_tokens=500)
    assert text_of(answer) == "The tools say: rain | rain"


@names
def test_a_tool_call_is_streamed(sdk: anthropic.Anthropic, name: str) -> None:
    with sdk.messages.stream(model=f"{name}/ok", messages=USER, tools=TOOLS, max_tokens=500) as stream:
        final = stream.get_final_message()

    assert [(block.name, block.input) for block in final.content if block.type == "tool_use"] == [("weather", INPUT)]


@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_thinking_of_an_anthropic_provider_keeps_its_signature(sdk: anthropic.Anthropic, stream: bool) -> None:
    thinking: Any = {"type": "enabled", "budget_tokens": 1024}
    asked: Any = {"model": "anthropic-a/ok", "messages": USER, "max_tokens": 5000, "thinking": thinking}
    if stream:
        with sdk.messages.stream(**asked) as streamed:
            blocks = streamed.get_final_message().content
    else:
        blocks = sdk.messages.create(**asked).content

    assert [block.type for block in blocks] == ["thinking", "text"]
    assert blocks[0].type == "thinking" and blocks[0].signature


def test_errors_have_the_classes_the_sdk_knows(sdk: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError):
        sdk.messages.create(model="nobody", messages=USER, max_tokens=9)
    with pytest.raises(anthropic.BadRequestError):
        sdk.messages.create(model="openai-a/status-400", messages=USER, max_tokens=9)
    with pytest.raises(anthropic.InternalServerError):
        sdk.messages.create(model="openai-a/status-401", messages=USER, max_tokens=9)


@names
@pytest.mark.parametrize("script", ["error-event-4", "end-4"])
def test_a_stream_that_breaks_raises(sdk: anthropic.Anthropic, name: str, script: str) -> None:
    with pytest.raises(anthropic.APIError):
        with sdk.messages.stream(model=f"{name}/{script}", messages=USER, max_tokens=9) as stream:
            stream.get_final_message()
