"""What cannot be served is refused with the right status, in the client's own dialect, and reaches no provider."""

from __future__ import annotations

import gzip
import http.client
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harness.dialects import ANTHROPIC, CLIENTS, OPENAI, Dialect
from harness.gateway import Gateway, model, target
from harness.provider import Provider
from harness.wire import Reply

BOUND = 64 << 10
TYPES = {400: "invalid_request_error", 404: "not_found_error", 413: "request_too_large"}

clients = pytest.mark.parametrize("client", CLIENTS, ids=str)


@pytest.fixture(scope="module")
def gateway(start_gateway: Callable[..., Gateway], configure: Callable[..., dict[str, Any]]) -> Gateway:
    """One worker, so that a request shows whether the one before it did harm; a small bound."""
    models = {"chat": model(target("openai-a", "ok")), "lenient": model(target("openai-a", "lenient"))}
    return start_gateway(configure(models, bounds={"request_body": "64KiB"}))


@pytest.fixture(autouse=True)
def unharmed(gateway: Gateway, providers: dict[str, Provider]) -> Iterator[None]:
    """After each refusal no provider has heard of it, and the same worker still serves."""
    yield
    assert all(not provider.requests() for provider in providers.values())
    reply = gateway.http.post(OPENAI.path, OPENAI.ask("chat"), OPENAI.headers)
    assert OPENAI.read(reply).text == providers["openai-a"].greeting()


def expect(reply: Reply, client: Dialect, status: int, code: str, param: str | None = None) -> str:
    """The reply is this refusal; returns its message."""
    assert reply.status == status, (reply.status, reply.body)
    assert reply.headers["content-type"] == "application/json"
    failure = client.failure(reply.json())
    if client is OPENAI:
        assert failure.code == code
        assert param is None or failure.param == param
    else:
        assert failure.type == TYPES.get(status, "invalid_request_error")
        assert param is None or param in failure.message
    return failure.message


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/chat", "/v1/chat/completions/x", "/v1/messages/batches", "/admin"])
def test_an_unknown_path_is_not_found(gateway: Gateway, path: str) -> None:
    reply = gateway.http.post(path, OPENAI.ask("chat"), OPENAI.headers)
    expect(reply, OPENAI, 404, "not_found")


@clients
def test_an_unknown_model_is_not_found_and_named(gateway: Gateway, client: Dialect) -> None:
    reply = gateway.http.post(client.path, client.ask("gpt-17"), client.headers)
    assert "gpt-17" in expect(reply, client, 404, "model_not_found")


@clients
@pytest.mark.parametrize("name", ["Chat", "chat ", "openai-a", "ok"])
def test_only_the_configured_names_are_models(gateway: Gateway, client: Dialect, name: str) -> None:
    reply = gateway.http.post(client.path, client.ask(name), client.headers)
    expect(reply, client, 404, "model_not_found")


@clients
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_method_is_not_allowed(gateway: Gateway, client: Dialect, method: str) -> None:
    reply = gateway.http.send(method, client.path, headers=client.headers)
    expect(reply, client, 405, "method_not_allowed")
    assert reply.headers["allow"] == "POST"


def body_of(client: Dialect, size: int) -> bytes:
    body = json.dumps(client.ask("chat", "x")).encode()
    return body.replace(b'"x"', b'"' + b"x" * (size - len(body) + 1) + b'"')


@clients
def test_a_body_over_the_bound_is_too_large(gateway: Gateway, client: Dialect) -> None:
    body = body_of(client, BOUND + 1)
    assert len(body) == BOUND + 1
    expect(gateway.http.post(client.path, body, client.headers), client, 413, "request_too_large")


@clients
def test_a_body_over_the_bound_is_too_large_also_when_its_length_was_not_announced(
    gateway: Gateway, client: Dialect
) -> None:
    body = body_of(client, 4 * BOUND)
    pieces = (body[at : at + 1000] for at in range(0, len(body), 1000))
    expect(gateway.http.post(client.path, pieces, client.headers), client, 413, "request_too_large")


def test_a_body_at_the_bound_is_served(gateway: Gateway, providers: dict[str, Provider]) -> None:
    body = body_of(OPENAI, BOUND)
    assert gateway.http.post(OPENAI.path, body, OPENAI.headers).status == 200
    assert len(providers["openai-a"].request().body) == BOUND - len("chat") + len("ok")
    providers["openai-a"].forget()


START = b'{"model":"chat","messages":[{"role":"user","content":"hi"}],"max_tokens":9'
DEEP = b"[" * 65 + b"]" * 65
WRONG = {
    "nothing": b"",
    "not-json": b"hello",
    "cut-off": b'{"model":"chat","messages":[{"role":"user","content":"hi"}]',
    "trailing-bytes": START + b"}{}",
    "duplicate-model": START + b',"model":"lenient"}',
    "duplicate-in-depth": b'{"model":"chat","messages":[{"role":"user","role":"user","content":"hi"}],"max_tokens":9}',
    "duplicate-escaped": START + b',"mod\\u0065l":"x"}',
    "bad-utf8": b'{"model":"chat","messages":[{"role":"user","content":"\xff"}],"max_tokens":9}',
    "lone-surrogate": b'{"model":"chat","messages":[{"role":"user","content":"\\ud800"}],"max_tokens":9}',
    "control-character": b'{"model":"chat","messages":[{"role":"user","content":"\x01"}],"max_tokens":9}',
    "byte-order-mark": b"\xef\xbb\xbf" + START + b"}",
    "too-deep": b'{"model":"lenient","messages":[{"role":"user","content":"hi"}],"max_tokens":9,"x":' + DEEP + b"}",
    "not-a-number": b'{"model":"chat","messages":[{"role":"user","content":"hi"}],"max_tokens":NaN}',
}


@clients
@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG.keys())
def test_what_is_not_clean_json_is_refused(gateway: Gateway, client: Dialect, body: bytes) -> None:
    expect(gateway.http.post(client.path, body, client.headers), client, 400, "invalid_json")


@clients
@pytest.mark.parametrize("body", [b"[]", b'"chat"', b"7", b"null"], ids=["list", "text", "number", "null"])
def test_json_that_is_no_object_is_refused(gateway: Gateway, client: Dialect, body: bytes) -> None:
    reply = gateway.http.post(client.path, body, client.headers)

    assert reply.status == 400
    assert client.failure(reply.json()).type == "invalid_request_error"


def test_nesting_within_the_bound_is_served(gateway: Gateway, providers: dict[str, Provider]) -> None:
    body = OPENAI.ask("lenient", x=json.loads("[" * 60 + "]" * 60))
    assert gateway.http.post(OPENAI.path, body, OPENAI.headers).status == 200
    providers["openai-a"].forget()


@clients
def test_missing_messages_are_named(gateway: Gateway, client: Dialect) -> None:
    body = client.ask("chat")
    del body["messages"]
    expect(gateway.http.post(client.path, body, client.headers), client, 400, "missing_field", "messages")


@clients
def test_a_missing_model_is_named(gateway: Gateway, client: Dialect) -> None:
    body = client.ask("chat")
    del body["model"]
    expect(gateway.http.post(client.path, body, client.headers), client, 400, "missing_field", "model")


def test_missing_max_tokens_is_named_where_the_dialect_demands_it(gateway: Gateway) -> None:
    body = ANTHROPIC.ask("chat")
    del body["max_tokens"]
    reply = gateway.http.post(ANTHROPIC.path, body, ANTHROPIC.headers)
    expect(reply, ANTHROPIC, 400, "missing_field", "max_tokens")


@clients
@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip", "GZIP"])
def test_a_compressed_body_is_refused(gateway: Gateway, client: Dialect, encoding: str) -> None:
    body = gzip.compress(json.dumps(client.ask("chat")).encode())
    reply = gateway.http.post(client.path, body, {**client.headers, "content-encoding": encoding})
    expect(reply, client, 415, "unsupported_encoding")


def test_what_was_sent_is_not_repeated_in_a_refusal(gateway: Gateway) -> None:
    for body in (b'{"secret-canary', b'{"messages":"secret-canary"}', b'{"model":1,"secret-canary":2}'):
        reply = gateway.http.post(OPENAI.path, body, OPENAI.headers)
        assert reply.status == 400
        assert b"secret-canary" not in reply.body


@pytest.mark.parametrize("name", ["x-odd", "user-agent", "x-tollgate-model", "anthropic-version", "content-encoding"])
def test_a_header_that_is_not_utf8_harms_nobody(gateway: Gateway, providers: dict[str, Provider], name: str) -> None:
    body = json.dumps(OPENAI.ask("chat"))
    connection = http.client.HTTPConnection(gateway.url.removeprefix("http://"), timeout=30)
    connection.putrequest("POST", OPENAI.path)
    connection.putheader("content-type", "application/json")
    connection.putheader("content-length", str(len(body)))
    connection.putheader(name, b"\xff\xfe\x80")
    connection.endheaders(body.encode())
    status = connection.getresponse().status
    connection.close()

    assert status in ((415,) if name == "content-encoding" else (200, 400))
    providers["openai-a"].forget()
