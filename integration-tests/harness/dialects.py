"""The two wire formats as a strict client sees them: how to ask, and whether a reply keeps to the protocol."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Protocol

from .wire import Event, Reply

CLIENT_KEY = "the-clients-own-key"


@dataclass(frozen=True)
class Said:
    """What a reply says, in words that both dialects share."""

    text: str
    finish: str
    """`stop`, `length`, `calls` or `refusal`"""
    calls: list[tuple[str, str]]
    """Names and arguments of tool calls."""
    tokens: tuple[int, int, int] | None
    """Prompt (cached included), cached, completion."""


@dataclass(frozen=True)
class Failure:
    """What an error says."""

    type: str
    message: str
    code: str | None = None
    param: str | None = None


class Dialect(Protocol):
    """What tests need of a client's dialect."""

    name: str
    path: str
    headers: dict[str, str]

    def ask(self, model: str, text: str = "hi", **more: Any) -> dict[str, Any]:
        """A request body."""

    def weather_tool(self) -> dict[str, Any]:
        """The definition of a tool that needs a city."""

    def read(self, reply: Reply) -> Said:
        """Reads a reply that must be whole and correct, JSON or stream."""

    def failure(self, body: Any) -> Failure:
        """Reads an error's JSON, which must be correct."""

    def stream_failure(self, events: list[Event]) -> Failure | None:
        """The error with which a stream ended, if it did."""

    def succeeded(self, events: list[Event]) -> bool:
        """Whether a stream claims to have ended well."""


WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city"],
}


class OpenAi:
    """Chat Completions."""

    name = "openai"
    path = "/v1/chat/completions"
    headers = {"content-type": "application/json", "authorization": f"Bearer {CLIENT_KEY}"}

    def __str__(self) -> str:
        return f"{self.name}-client"

    def ask(self, model: str, text: str = "hi", **more: Any) -> dict[str, Any]:
        if more.get("stream"):
            more.setdefault("stream_options", {"include_usage": True})
        return {"model": model, "messages": [{"role": "user", "content": text}], **more}

    def weather_tool(self) -> dict[str, Any]:
        function = {"name": "weather", "description": "the weather in a city", "parameters": WEATHER}
        return {"type": "function", "function": function}

    def read(self, reply: Reply) -> Said:
        assert reply.status == 200, (reply.status, reply.body)
        assert not reply.aborted
        if reply.headers["content-type"].startswith("application/json"):
            return self._read_json(reply.json())
        return self._read_stream(reply.events())

    def _read_json(self, body: Any) -> Said:
        assert body["object"] == "chat.completion" and body["id"] and isinstance(body["created"], int)
        assert isinstance(body["model"], str)
        choice = body["choices"][0]
        assert choice["index"] == 0
        message = choice["message"]
        assert message["role"] == "assistant"
        calls = message.get("tool_calls") or []
        assert all(call["id"] and call["type"] == "function" for call in calls)
        return Said(
            text=message.get("content") or message.get("refusal") or "",
            finish=self._finish(choice["finish_reason"]),
            calls=[(call["function"]["name"], call["function"]["arguments"]) for call in calls],
            tokens=self._tokens(body.get("usage")),
        )

    def _read_stream(self, events: list[Event]) -> Said:
        assert all(event.name is None for event in events)
        assert events[-1].data == "[DONE]", events[-1]
        chunks = [event.json() for event in events[:-1]]
        assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
        assert len({(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks}) == 1
        assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
        calls: dict[int, dict[str, str]] = {}
        finishes: list[str] = []
        text, usage = "", None
        for chunk in chunks:
            if chunk.get("usage"):
                assert usage is None, "usage was sent twice"
                usage = chunk["usage"]
            for choice in chunk["choices"]:
                assert choice["index"] == 0
                assert not finishes or not choice["delta"], "something was said after the finish reason"
                text += choice["delta"].get("content") or choice["delta"].get("refusal") or ""
                self._collect(choice["delta"].get("tool_calls") or [], calls)
                if choice["finish_reason"]:
                    finishes.append(choice["finish_reason"])
        assert len(finishes) == 1, finishes
        assert list(calls) == list(range(len(calls)))
        named = [(call["name"], call["arguments"]) for call in calls.values()]
        return Said(text=text, finish=self._finish(finishes[0]), calls=named, tokens=self._tokens(usage))

    def _collect(self, deltas: list[Any], calls: dict[int, dict[str, str]]) -> None:
        for delta in deltas:
            function = delta["function"]
            if delta["index"] not in calls:
                assert delta["id"] and delta["type"] == "function"
                calls[delta["index"]] = {"name": function["name"], "arguments": ""}
            else:
                assert not delta.get("id"), "a call's id was sent twice"
            calls[delta["index"]]["arguments"] += function.get("arguments") or ""

    def _finish(self, reason: str) -> str:
        words = {"stop": "stop", "length": "length", "tool_calls": "calls", "content_filter": "refusal"}
        return words[reason]

    def _tokens(self, usage: Any) -> tuple[int, int, int] | None:
        if not usage:
            return None
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
        return usage["prompt_tokens"], cached, usage["completion_tokens"]

    def failure(self, body: Any) -> Failure:
        assert set(body) == {"error"}, body
        error = body["error"]
        assert set(error) == {"message", "type", "param", "code"}, error
        assert error["message"] and error["type"]
        return Failure(error["type"], error["message"], error["code"], error["param"])

    def stream_failure(self, events: list[Event]) -> Failure | None:
        if not events or "error" not in (events[-1].json() if events[-1].data != "[DONE]" else {}):
            return None
        return self.failure(events[-1].json())

    def succeeded(self, events: list[Event]) -> bool:
        data = [event.json() for event in events if event.data != "[DONE]"]
        finished = any(choice["finish_reason"] for chunk in data for choice in chunk.get("choices", []))
        return finished or any(event.data == "[DONE]" for event in events)


class Anthropic:
    """Messages."""

    name = "anthropic"
    path = "/v1/messages"
    headers = {"content-type": "application/json", "x-api-key": CLIENT_KEY, "anthropic-version": "2023-06-01"}

    def __str__(self) -> str:
        return f"{self.name}-client"

    def ask(self, model: str, text: str = "hi", **more: Any) -> dict[str, Any]:
        return {"model": model, "max_tokens": 4096, "messages": [{"role": "user", "content": text}], **more}

    def weather_tool(self) -> dict[str, Any]:
        return {"name": "weather", "description": "the weather in a city", "input_schema": WEATHER}

    def read(self, reply: Reply) -> Said:
        assert reply.status == 200, (reply.status, reply.body)
        assert not reply.aborted
        if reply.headers["content-type"].startswith("application/json"):
            return self._said(reply.json())
        return self._said(self._message(reply.events()))

    def _said(self, body: Any) -> Said:
        assert body["type"] == "message" and body["role"] == "assistant" and body["id"]
        assert isinstance(body["model"], str)
        blocks = body["content"]
        used = [block for block in blocks if block["type"] == "tool_use"]
        assert all(block["id"] and isinstance(block["input"], dict) for block in used)
        return Said(
            text="".join(block["text"] for block in blocks if block["type"] == "text"),
            finish=self._finish(body["stop_reason"]),
            calls=[(block["name"], compact(block["input"])) for block in used],
            tokens=self._tokens(body.get("usage")),
        )

    def _message(self, events: list[Event]) -> Any:
        """Puts a stream together to the message that it is, and checks every step of the protocol."""
        data = [event.json() for event in events]
        assert all(event.name == item["type"] for event, item in zip(events, data, strict=True)), (
            "an event's name is not its type"
        )
        data = [item for item in data if item["type"] != "ping"]
        assert data[0]["type"] == "message_start" and data[-1]["type"] == "message_stop", [d["type"] for d in data]
        assert data[-2]["type"] == "message_delta"
        message = data[0]["message"]
        assert message["content"] == [] and message["stop_reason"] is None
        open_block = None
        for item in data[1:-2]:
            if item["type"] == "content_block_start":
                assert open_block is None and item["index"] == len(message["content"])
                open_block = {**item["content_block"], "json": ""}
                message["content"].append(open_block)
                continue
            assert open_block is not None and item["index"] == len(message["content"]) - 1, item
            if item["type"] == "content_block_stop":
                if open_block["type"] == "tool_use":
                    open_block["input"] = parse(open_block["json"] or "{}")
                open_block = None
            else:
                assert item["type"] == "content_block_delta", item
                self._add(open_block, item["delta"])
        assert open_block is None, "a content block was never closed"
        message.update(data[-2]["delta"])
        message["usage"] = {**(message.get("usage") or {}), **(data[-2].get("usage") or {})}
        return message

    def _add(self, block: dict[str, Any], delta: dict[str, Any]) -> None:
        kinds = {
            "text_delta": ("text", "text", "text"),
            "input_json_delta": ("tool_use", "partial_json", "json"),
            "thinking_delta": ("thinking", "thinking", "thinking"),
            "signature_delta": ("thinking", "signature", "signature"),
        }
        kind, source, place = kinds[delta["type"]]
        assert block["type"] == kind, (block, delta)
        block[place] += delta[source]

    def _finish(self, reason: str) -> str:
        words = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "tool_use": "calls"}
        return {**words, "refusal": "refusal"}[reason]

    def _tokens(self, usage: Any) -> tuple[int, int, int] | None:
        if not usage:
            return None
        cached = usage.get("cache_read_input_tokens") or 0
        prompt = usage["input_tokens"] + cached + (usage.get("cache_creation_input_tokens") or 0)
        return prompt, cached, usage["output_tokens"]

    def failure(self, body: Any) -> Failure:
        assert body["type"] == "error", body
        assert set(body) <= {"type", "error", "request_id"}, body
        error = body["error"]
        assert {"type", "message"} <= set(error), error
        assert error["message"] and error["type"].endswith("_error") or error["type"] == "request_too_large", error
        return Failure(error["type"], error["message"])

    def stream_failure(self, events: list[Event]) -> Failure | None:
        return self.failure(events[-1].json()) if events and events[-1].name == "error" else None

    def succeeded(self, events: list[Event]) -> bool:
        return any(event.name in ("message_delta", "message_stop") for event in events)


def parse(text: str) -> Any:
    return json.loads(text)


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


OPENAI, ANTHROPIC = OpenAi(), Anthropic()
CLIENTS: list[Dialect] = [OPENAI, ANTHROPIC]
