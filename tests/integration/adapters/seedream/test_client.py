"""The Seedream adapter: real HTTP over a real socket, pictures made by Ark's simulator, and pictures lost."""

import asyncio
import base64
import hashlib
import json

import httpx
import pytest

from adapters.prompts import generation_prompt
from adapters.seedream import client as seedream
from adapters.seedream.models import MODELS
from domain.ports import EncodedImage, Wish
from domain.vocabulary.errors import ModelAnswerUnusable, ModelError, ModelRefused, ModelUnavailable
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import Operation, TargetSize
from tests.integration.adapters.conftest import Serve, read_request, reply
from tests.integration.adapters.seedream.fixtures import (
    MADE,
    MODEL,
    PHOTO,
    WISH,
    adapter,
    answer_with,
    ark,
    calls,
    client,
    failure,
    generated,
    listening,
    no_pause,
    of_ark,
    size_of,
    trouble,
    want,
)
from tests.integration.simulators_fixtures import ARK_KEY, Simulators

__all__ = ["ark", "client", "no_pause"]


@pytest.mark.parametrize("model", MODELS)
async def test_a_picture_is_made_and_its_call_accounted_for(
    ark: Simulators, client: httpx.AsyncClient, model: str
) -> None:
    maker = of_ark(ark, client, model=model)
    generation = await generated(maker)
    (picture,) = generation.images
    width, height = size_of(picture)
    assert maker.parameters(WISH, "3:2")["size"] == f"{width}x{height}"
    assert width / height == pytest.approx(1.5, rel=0.01)
    assert picture.content_type == ("image/png" if "5-0" in model else "image/jpeg")
    call = generation.call
    assert (call.provider, call.model, call.pictures, call.cost) == ("seedream", model, 1, None)
    assert call.output_tokens == {"image": width * height // 256}
    assert call.latency_ms > 0
    entry = calls(ark)[-1]
    assert (entry["model"], entry["watermark"], entry["billed"]) == (model, False, True)
    assert entry["input_sha256"] == [hashlib.sha256(PHOTO.data).hexdigest()]
    assert entry["prompt_sha256"] == hashlib.sha256(generation_prompt(WISH).encode()).hexdigest()


async def test_parameters_are_told_as_they_were_sent(ark: Simulators, client: httpx.AsyncClient) -> None:
    a4 = Wish(Operation.RESIZE, "A4", TargetSize(width=2480, height=3508, dpi=300))
    maker = of_ark(ark, client)
    generation = await generated(maker, a4, "3:4")
    assert maker.parameters(a4, "3:4") == {
        "size": "2554x3405",
        "response_format": "url",
        "watermark": "false",
        "sequential_image_generation": "disabled",
    }
    assert size_of(generation.images[0]) == (2554, 3405)


async def test_several_pictures_come_all(ark: Simulators, client: httpx.AsyncClient) -> None:
    maker = of_ark(ark, client, pictures=3)
    generation = await generated(maker)
    assert len({picture.data for picture in generation.images}) == 3
    assert generation.call.pictures == 3
    assert maker.parameters(WISH, "3:2")["sequential_image_generation_options"] == '{"max_images": 3}'
    assert "errors" not in generation.parameters


async def test_a_request_looks_on_the_wire_as_ark_wants_it(serve: Serve, client: httpx.AsyncClient) -> None:
    heard: list[str] = []
    storage = await serve(reply("200 OK", MADE, content_type="image/jpeg"))
    port = await serve(listening(heard, answer_with(f"http://127.0.0.1:{storage}/1.jpg")))
    model = adapter(client, f"http://127.0.0.1:{port}/api/v3/", storage)
    said = '"引号"\n\\反斜杠\\ \ud83d'  # half a character too
    photo = EncodedImage(PHOTO.data, 'image/png"')
    await model.generate(photo, Wish(Operation.EDIT, said), "3:2")
    head, body = heard
    assert head.startswith("post /api/v3/images/generations http/1.1\r\n")
    assert f"authorization: bearer {ARK_KEY}" in head
    assert "content-type: application/json\r\n" in head
    asked = json.loads(body)
    assert asked.pop("prompt").endswith(said)
    assert asked.pop("image") == 'data:image/png";base64,' + base64.b64encode(PHOTO.data).decode()
    assert asked == {
        "model": MODEL,
        "size": "2508x1672",
        "response_format": "url",
        "watermark": False,
        "sequential_image_generation": "disabled",
    }


async def test_the_id_of_a_request_is_kept(serve: Serve, client: httpx.AsyncClient) -> None:
    storage = await serve(reply("200 OK", MADE))
    body = json.dumps({"data": [{"url": f"http://127.0.0.1:{storage}/"}]}).encode()
    port = await serve(reply("200 OK", body, x_request_id="02176"))
    generation = await generated(adapter(client, f"http://127.0.0.1:{port}", storage))
    assert (generation.call.request_id, generation.call.pictures) == ("02176", 1)
    assert generation.call.output_tokens == {}


async def test_a_model_of_the_shops_own_is_asked_with_care(serve: Serve, client: httpx.AsyncClient) -> None:
    storage = await serve(reply("200 OK", MADE))
    port = await serve(answer_with(f"http://127.0.0.1:{storage}/"))
    maker = adapter(client, f"http://127.0.0.1:{port}", storage, model="ep-1", pictures=3)
    await generated(maker)
    assert maker.parameters(WISH, "3:2") == {"size": "2K", "response_format": "url", "watermark": "false"}


async def test_one_picture_that_was_not_made_costs_no_other(ark: Simulators, client: httpx.AsyncClient) -> None:
    want(ark, "item_error")
    generation = await generated(of_ark(ark, client, pictures=3))
    assert (len(generation.images), generation.call.pictures) == (2, 2)
    assert generation.parameters["errors"].startswith("OutputImageSensitiveContentDetected: ")


@pytest.mark.parametrize(
    ("code", "kind", "outcome"),
    [
        ("OutputImageSensitiveContentDetected", ModelRefused, Outcome.REFUSED),
        ("InternalServiceError", ModelUnavailable, Outcome.BROKEN),
        ("RateLimitExceeded.EndpointRPMExceeded", ModelUnavailable, Outcome.BUSY),
    ],
)
async def test_the_only_picture_that_was_not_made_tells_why(
    ark: Simulators, client: httpx.AsyncClient, code: str, kind: type[ModelError], outcome: Outcome
) -> None:
    want(ark, "item_error", code=code)
    error = await failure(of_ark(ark, client))
    assert (type(error), error.outcome, error.possibly_billed) == (kind, outcome, False)
    assert (error.call.model, error.call.pictures) == (MODEL, 0)


async def test_an_answer_without_a_picture_has_a_call_that_is_known(ark: Simulators, client: httpx.AsyncClient) -> None:
    want(ark, "no_data")
    error = await failure(of_ark(ark, client))
    assert (type(error), error.outcome) == (ModelAnswerUnusable, Outcome.NO_PICTURE)
    assert (error.possibly_billed, error.call.pictures) == (False, 0)


async def test_a_picture_whose_address_is_dead_is_lost_and_billed_for_sure(
    ark: Simulators, client: httpx.AsyncClient
) -> None:
    want(ark, "dead_url")
    before = len(ark.ledger("ark", kind="download"))
    error = await failure(of_ark(ark, client))
    assert (type(error), error.outcome) == (ModelAnswerUnusable, Outcome.LOST_PICTURE)
    assert (error.possibly_billed, error.call.pictures) == (False, 1)
    assert error.call.output_tokens["image"] > 0
    assert len(ark.ledger("ark", kind="download")) == before + 1, "403 is for good"


@pytest.mark.parametrize("fault", ["truncated", "same", "wrong_size", "blurred"])
async def test_a_picture_is_handed_on_as_it_came(ark: Simulators, client: httpx.AsyncClient, fault: str) -> None:
    want(ark, fault)
    generation = await generated(of_ark(ark, client))
    (picture,) = generation.images
    assert (generation.call.pictures, "errors" in generation.parameters) == (1, False)
    if fault == "same":
        assert picture == PHOTO
    if fault == "wrong_size":
        assert size_of(picture) == (256, 512)


@pytest.mark.parametrize("closes", [False, True])
async def test_a_picture_that_cannot_be_had_once_is_had_all_the_same(
    serve: Serve, client: httpx.AsyncClient, closes: bool
) -> None:
    visits = 0

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal visits
        visits += 1
        await read_request(reader)
        if visits > 1:
            writer.write(reply("200 OK", MADE, content_type="image/jpeg"))
        elif not closes:
            writer.write(reply("503 Unavailable"))

    storage = await serve(once)
    port = await serve(answer_with(f"http://127.0.0.1:{storage}/1.jpg"))
    generation = await generated(adapter(client, f"http://127.0.0.1:{port}", storage))
    assert generation.images == (EncodedImage(MADE, "image/jpeg"),)
    assert (visits, "errors" in generation.parameters) == (2, False)


async def test_a_picture_that_never_comes_is_lost_after_some_tries(serve: Serve, client: httpx.AsyncClient) -> None:
    visits = 0

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal visits
        visits += 1
        await read_request(reader)
        writer.write(reply("503 Unavailable"))

    storage = await serve(never)
    error = await trouble(client, await serve(answer_with(f"http://127.0.0.1:{storage}/1.jpg")), storage)
    assert (error.outcome, error.possibly_billed, error.call.pictures) == (Outcome.LOST_PICTURE, False, 1)
    assert visits == seedream.FETCHES


async def test_one_picture_that_is_lost_costs_no_other(serve: Serve, client: httpx.AsyncClient) -> None:
    good, gone = await serve(reply("200 OK", MADE)), await serve(reply("404 Not Found"))
    port = await serve(answer_with(f"http://127.0.0.1:{gone}/1.jpg", f"http://127.0.0.1:{good}/2.jpg"))
    generation = await generated(adapter(client, f"http://127.0.0.1:{port}", good, gone))
    assert ([picture.data for picture in generation.images], generation.call.pictures) == ([MADE], 2)
    assert "404" in generation.parameters["errors"]


async def test_pictures_count_although_a_word_beside_them_is_odd(serve: Serve, client: httpx.AsyncClient) -> None:
    storage = await serve(reply("200 OK", MADE))
    odd: dict[str, object] = {
        "usage": {"generated_images": None, "output_tokens": "many"},
        "error": None,
        "created": [],
    }
    port = await serve(answer_with(f"http://127.0.0.1:{storage}/1.jpg", **odd))
    generation = await generated(adapter(client, f"http://127.0.0.1:{port}", storage))
    assert (len(generation.images), generation.call.pictures) == (1, 1)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "/files/1.png",
    ],
)
async def test_no_address_of_a_picture_leads_inside(serve: Serve, client: httpx.AsyncClient, address: str) -> None:
    visitors: list[str] = []

    async def inside(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        visitors.append(await read_request(reader))

    port = await serve(answer_with(address.format(port=await serve(inside))))
    error = await trouble(client, port)
    assert (type(error), error.outcome) == (ModelAnswerUnusable, Outcome.LOST_PICTURE)
    assert (error.possibly_billed, error.call.pictures, visitors) == (False, 1, [])


async def test_the_key_does_not_go_to_where_pictures_lie(serve: Serve, client: httpx.AsyncClient) -> None:
    heads: list[str] = []

    async def storing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await read_request(reader))
        writer.write(reply("200 OK", MADE))

    storage = await serve(storing)
    await generated(
        adapter(client, f"http://127.0.0.1:{await serve(answer_with(f'http://127.0.0.1:{storage}/'))}", storage)
    )
    assert len(heads) == 1
    assert ARK_KEY not in heads[0]
