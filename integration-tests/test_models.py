"""Clients may ask which models there are, in the shape their SDK expects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anthropic
import openai
import pytest

from harness.dialects import ANTHROPIC, OPENAI
from harness.gateway import Gateway, model, target

MODELS = ["chat", "vendor/large:7b", "small.v2"]
ANTHROPIC_HEADERS = {"anthropic-version": "2023-06-01"}


@pytest.fixture(scope="module")
def gateway(start_gateway: Callable[..., Gateway], configure: Callable[..., dict[str, Any]]) -> Gateway:
    return start_gateway(configure({name: model(target("openai-a", "ok")) for name in MODELS}))


def test_openai_clients_get_openais_list(gateway: Gateway) -> None:
    body = gateway.http.send("GET", "/v1/models").json()

    assert body["object"] == "list"
    assert [item["id"] for item in body["data"]] == MODELS
    for item in body["data"]:
        assert item["object"] == "model" and isinstance(item["created"], int) and item["owned_by"]


def test_anthropic_clients_get_anthropics_list(gateway: Gateway) -> None:
    body = gateway.http.send("GET", "/v1/models", headers=ANTHROPIC_HEADERS).json()

    assert [item["id"] for item in body["data"]] == MODELS
    assert (body["has_more"], body["first_id"], body["last_id"]) == (False, MODELS[0], MODELS[-1])
    for item in body["data"]:
        assert item["type"] == "model" and item["display_name"] and item["created_at"]


def test_one_model_can_be_looked_up_in_either_shape(gateway: Gateway) -> None:
    body = gateway.http.send("GET", "/v1/models/chat").json()
    assert (body["id"], body["object"]) == ("chat", "model")

    body = gateway.http.send("GET", "/v1/models/chat", headers=ANTHROPIC_HEADERS).json()
    assert (body["id"], body["type"]) == ("chat", "model")


@pytest.mark.parametrize("written", ["vendor/large:7b", "vendor%2Flarge%3A7b"], ids=["plain", "encoded"])
def test_a_name_with_slashes_and_colons_is_found(gateway: Gateway, written: str) -> None:
    assert gateway.http.send("GET", f"/v1/models/{written}").json()["id"] == "vendor/large:7b"


def test_a_query_does_not_hide_the_list(gateway: Gateway) -> None:
    assert gateway.http.send("GET", "/v1/models?limit=1000").status == 200


def test_a_model_that_is_not_there_is_not_found_in_either_shape(gateway: Gateway) -> None:
    reply = gateway.http.send("GET", "/v1/models/other")
    assert (reply.status, OPENAI.failure(reply.json()).code) == (404, "model_not_found")

    reply = gateway.http.send("GET", "/v1/models/other", headers=ANTHROPIC_HEADERS)
    assert (reply.status, ANTHROPIC.failure(reply.json()).type) == (404, "not_found_error")


def test_the_list_cannot_be_posted_to(gateway: Gateway) -> None:
    assert gateway.http.send("POST", "/v1/models", {}).status == 405


def test_both_sdks_list_and_look_up(gateway: Gateway) -> None:
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key="any") as client:
        assert [item.id for item in client.models.list()] == MODELS
        assert client.models.retrieve("chat").id == "chat"
        with pytest.raises(openai.NotFoundError):
            client.models.retrieve("other")
    with anthropic.Anthropic(base_url=gateway.url, api_key="any") as client:
        assert [item.id for item in client.models.list()] == MODELS
        assert client.models.retrieve("chat").id == "chat"
        with pytest.raises(anthropic.NotFoundError):
            client.models.retrieve("other")
