"""The simulator of Seedream on Ark, on the wire: what it takes, what it refuses, and the links it answers."""

import base64
import hashlib
import io
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.http_server import serving
from tests.integration.simulators_fixtures import ARK_KEY, Simulators, encoded, photograph

MODEL_40, MODEL_45, MODEL_50 = "doubao-seedream-4-0-250828", "doubao-seedream-4-5-251128", "doubao-seedream-5-0-260128"
PHOTO = encoded(photograph())


def data_url(data: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def request(**more: Any) -> dict[str, Any]:
    wanted = {"model": MODEL_40, "prompt": "sharper", "image": data_url(PHOTO), "size": "1K", "watermark": False}
    return {name: value for name, value in (wanted | more).items() if value is not ...}


def ask(simulators: Simulators, body: Any, key: str | None = ARK_KEY) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return simulators.call("POST", "ark/api/v3/images/generations", json=body, headers=headers)


def download(simulators: Simulators, url: str) -> httpx.Response:
    assert url.startswith(f"{simulators.ark_url}/files/")
    return simulators.call("GET", url.removeprefix(f"{simulators.url}/"))


def pictures_in(simulators: Simulators, response: httpx.Response) -> list[bytes]:
    assert response.status_code == 200, response.text
    return [download(simulators, item["url"]).content for item in response.json()["data"]]


def picture_of(simulators: Simulators, **more: Any) -> Image.Image:
    (data,) = pictures_in(simulators, ask(simulators, request(**more)))
    return Image.open(io.BytesIO(data))


def last(simulators: Simulators) -> dict[str, Any]:
    return simulators.ledger("ark", kind="image")[-1]


def test_a_picture_is_answered_as_a_link_and_accounted_for(simulators: Simulators) -> None:
    response = ask(simulators, request())
    body = response.json()
    assert set(body) == {"model", "created", "data", "usage"}
    assert body["model"] == MODEL_40
    (item,) = body["data"]
    picture = Image.open(io.BytesIO(download(simulators, item["url"]).content))
    width, height = picture.size
    assert item == {"url": item["url"], "size": f"{width}x{height}"}
    tokens = width * height // 256
    assert body["usage"] == {"generated_images": 1, "output_tokens": tokens, "total_tokens": tokens}
    entry = last(simulators)
    assert entry["input_sha256"] == [hashlib.sha256(PHOTO).hexdigest()]
    assert entry["prompt_sha256"] == hashlib.sha256(b"sharper").hexdigest()
    assert {name: entry[name] for name in ("model", "prompt", "size", "watermark")} == {
        "model": MODEL_40, "prompt": "sharper", "size": "1K", "watermark": False,
    }  # fmt: skip
    assert (entry["status"], entry["fault"], entry["billed"], entry["generated_images"]) == (200, None, True, 1)


@pytest.mark.parametrize(
    ("model", "size", "pixels"),
    [
        (MODEL_40, "1K", (1248, 832)),  # the picture's own ratio
        (MODEL_40, "960x960", (960, 960)),
        (MODEL_45, "2K", (2496, 1664)),
        (MODEL_50, "2560x1440", (2560, 1440)),
    ],
)
def test_a_picture_has_the_size_that_was_asked_for(
    simulators: Simulators, model: str, size: str, pixels: tuple[int, int]
) -> None:
    picture = picture_of(simulators, model=model, size=size)
    assert (picture.size, picture.format) == (pixels, "JPEG")


def test_the_newest_model_answers_png_where_that_is_asked_for(simulators: Simulators) -> None:
    response = ask(simulators, request(model=MODEL_50, size="2K", output_format="png", response_format="b64_json"))
    (item,) = response.json()["data"]
    assert set(item) == {"b64_json", "size"}
    assert Image.open(io.BytesIO(base64.b64decode(item["b64_json"], validate=True))).format == "PNG"


def test_a_picture_is_marked_unless_that_is_declined(simulators: Simulators) -> None:
    plain, marked = (
        np.asarray(picture_of(simulators, **more).convert("L")).astype(int) for more in ({}, {"watermark": ...})
    )
    differs = np.abs(plain - marked) > 60
    height, width = differs.shape
    assert differs[height * 9 // 10 :, width * 4 // 5 :].sum() > 200
    assert not differs[: height * 4 // 5].any()
    assert last(simulators)["watermark"] is True


def test_a_sequence_has_as_many_pictures_as_wanted_and_they_differ(simulators: Simulators) -> None:
    sequence = {"sequential_image_generation": "auto", "sequential_image_generation_options": {"max_images": 3}}
    response = ask(simulators, request(**sequence))
    assert len(set(pictures_in(simulators, response))) == 3
    assert response.json()["usage"]["generated_images"] == last(simulators)["generated_images"] == 3


def test_a_sequence_that_is_not_wanted_has_one_picture(simulators: Simulators) -> None:
    assert picture_of(simulators, sequential_image_generation_options={"max_images": 3}).size == (1248, 832)


@pytest.fixture
def album() -> Iterator[str]:
    """A server that has one photograph, and nothing else."""
    with serving(lambda path, _posted: (200 if path == "/photo.png" else 404, PHOTO)) as host:
        yield f"http://{host}"


def test_pictures_may_be_sent_as_links_and_several_at_once(simulators: Simulators, album: str) -> None:
    assert ask(simulators, request(image=[f"{album}/photo.png", data_url(PHOTO)])).status_code == 200
    assert last(simulators)["input_sha256"] == [hashlib.sha256(PHOTO).hexdigest()] * 2
    response = ask(simulators, request(image=f"{album}/none.png"))
    assert (response.status_code, response.json()["error"]["code"]) == (400, "InvalidParameter")


@pytest.mark.parametrize("key", [None, "", "wrong"])
def test_a_call_without_the_key_is_refused(simulators: Simulators, key: str | None) -> None:
    response = ask(simulators, request(), key)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (401, "AuthenticationError")
    assert (set(error), error["type"]) == ({"code", "message", "param", "type"}, "Unauthorized")
    assert (last(simulators)["status"], last(simulators)["billed"]) == (401, False)


def test_an_unknown_model_is_not_found(simulators: Simulators) -> None:
    response = ask(simulators, request(model="doubao-seedream-9"))
    assert (response.status_code, response.json()["error"]["code"]) == (404, "InvalidEndpointOrModel.NotFound")


@pytest.mark.parametrize("name", ["model", "prompt"])
def test_what_is_missing_is_named(simulators: Simulators, name: str) -> None:
    response = ask(simulators, request(**{name: ...}))
    assert (response.status_code, response.json()["error"]["code"]) == (400, "MissingParameter")
    assert f"`{name}`" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("named", "more"),
    [
        ("`n`, `quality`", {"n": 1, "quality": "hd"}),
        ("options.images`", {"sequential_image_generation_options": {"images": 2}}),
        ("options.max_images`", {"sequential_image_generation_options": {"max_images": 16}}),
        ("`watermark`", {"watermark": "false"}),
        ("`response_format`", {"response_format": "png"}),
        ("`stream`", {"stream": True}),
        ("`size`", {"size": "3K"}),
        ("`size`", {"size": "adaptive"}),
        ("`size`", {"size": "1K", "model": MODEL_45}),
        ("`size`", {"size": "4K", "model": MODEL_50}),
        ("`size`", {"size": "512x512"}),
        ("`size`", {"size": "1024x1024", "model": MODEL_45}),
        ("`size`", {"size": "4096x4096", "model": MODEL_50}),
        ("`size`", {"size": "8000x490"}),
        ("`output_format`", {"output_format": "png"}),
        ("`output_format`", {"output_format": "png", "model": MODEL_45, "size": "2K"}),
        ("`image`", {"image": ...}),
        ("`image`", {"image": "photo.png"}),
        ("`image`", {"image": data_url(b"no picture")}),
        ("`image`", {"image": "data:image/png;base64,!"}),
        ("`image`", {"image": "data:image/png;base64,图"}),
        ("`image`", {"image": "http://[/"}),
        ("`image`", {"image": data_url(PHOTO + bytes(10 * 2**20))}),
        ("`image`", {"image": data_url(encoded(Image.new("L", (310, 100))))}),
        ("`image`", {"image": data_url(encoded(Image.new("L", (100, 310))))}),
        ("`image`", {"image": data_url(encoded(Image.new("L", (14, 20))))}),
        ("`image`", {"image": data_url(encoded(Image.new("L", (7000, 5500))))}),
        ("`image`", {"image": [data_url(PHOTO)] * 15}),
    ],
)  # fmt: skip
def test_what_a_model_does_not_take_is_named_and_not_billed(
    simulators: Simulators, named: str, more: dict[str, Any]
) -> None:
    response = ask(simulators, request(**more))
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["type"]) == (400, "InvalidParameter", "BadRequest")
    assert named in error["message"]
    assert (last(simulators)["status"], last(simulators)["billed"]) == (400, False)


def test_a_body_that_is_no_json_is_refused(simulators: Simulators) -> None:
    headers = {"Authorization": f"Bearer {ARK_KEY}"}
    response = simulators.call("POST", "ark/api/v3/images/generations", content=b"{", headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "InvalidParameter")


def test_pictures_sent_and_made_are_so_many_at_most_together(simulators: Simulators) -> None:
    sequence = {"sequential_image_generation": "auto", "sequential_image_generation_options": {"max_images": 13}}
    response = ask(simulators, request(image=[data_url(PHOTO)] * 3, **sequence))
    assert (response.status_code, response.json()["error"]["code"]) == (400, "InvalidParameter")


def test_a_link_dies_and_each_download_is_on_the_ledger(simulators: Simulators) -> None:
    (item,) = ask(simulators, request()).json()["data"]
    url, _, expires = item["url"].partition("?expires=")
    name = url.rpartition("/")[2]
    assert name.endswith(".jpeg")
    answers = [download(simulators, link) for link in (item["url"], f"{url}?expires=1700000000", url)]
    assert [answer.status_code for answer in answers] == [200, 403, 403]
    assert answers[0].headers["content-type"] == "image/jpeg"
    assert answers[1].headers["content-type"] == "application/xml"
    assert "<Code>AccessDenied</Code>" in answers[1].text
    assert [entry["status"] for entry in simulators.ledger("ark", kind="download", name=name)] == [200, 403, 403]
    lost = download(simulators, f"{simulators.ark_url}/files/none.jpeg?expires={expires}")
    assert (lost.status_code, "<Code>NoSuchKey</Code>" in lost.text) == (404, True)
