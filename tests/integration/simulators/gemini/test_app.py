"""The Gemini simulator, on the wire."""

import base64
import hashlib
import io
import json
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from tests.integration.simulators_fixtures import GEMINI_KEY, Simulators, encoded, photograph

IMAGE_MODEL, VISION_MODEL = "gemini-3.1-flash-image", "gemini-3.5-flash-lite"


def ask(simulators: Simulators, body: Any, model: str = IMAGE_MODEL, key: str | None = GEMINI_KEY) -> httpx.Response:
    headers = {"x-goog-api-key": key} if key else {}
    return simulators.call("POST", f"gemini/v1beta/models/{model}:generateContent", json=body, headers=headers)


def request(prompt: str, *pictures: bytes, **config: Any) -> dict[str, Any]:
    blobs = [{"inlineData": {"mimeType": "image/png", "data": base64.b64encode(data).decode()}} for data in pictures]
    return {"contents": [{"role": "user", "parts": [{"text": prompt}, *blobs]}], "generationConfig": config}


def request_picture(prompt: str, *pictures: bytes, **image_config: str) -> dict[str, Any]:
    return request(prompt, *pictures, responseModalities=["IMAGE"], imageConfig=image_config)


def request_score(original: bytes, result: bytes) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"score": {"type": "integer"}}}
    return request("Compare", original, result, responseMimeType="application/json", responseJsonSchema=schema)


def picture_in(response: httpx.Response) -> Image.Image:
    blob = response.json()["candidates"][0]["content"]["parts"][0]["inlineData"]
    assert blob["mimeType"] == "image/jpeg"
    return Image.open(io.BytesIO(base64.b64decode(blob["data"])))


def score_in(response: httpx.Response) -> int:
    return int(json.loads(response.json()["candidates"][0]["content"]["parts"][0]["text"])["score"])


def test_a_call_without_a_key_is_refused_as_google_words_it(simulators: Simulators) -> None:
    response = ask(simulators, request_picture("x", encoded(photograph())), key=None)
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["status"]) == (403, 403, "PERMISSION_DENIED")


def test_a_wrong_key_is_bad_input_with_a_reason(simulators: Simulators) -> None:
    response = ask(simulators, request_picture("x"), key="wrong")
    assert response.status_code == 400
    assert response.json()["error"]["details"][0]["reason"] == "API_KEY_INVALID"


def test_a_model_that_is_shut_down_is_not_found(simulators: Simulators) -> None:
    response = ask(simulators, request_picture("x"), model="gemini-3-pro-image-preview")
    assert (response.status_code, response.json()["error"]["status"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("body", "model"),
    [
        ({}, IMAGE_MODEL),
        ({"contents": "words"}, IMAGE_MODEL),
        (request_picture("x", b"not a picture"), IMAGE_MODEL),
        (request_picture("x", encoded(photograph()), imageSize="9K"), IMAGE_MODEL),
        (request_picture("x", encoded(photograph()), aspectRatio="7:1"), IMAGE_MODEL),
        (request_picture("x", encoded(photograph())), VISION_MODEL),
        (request("just words"), VISION_MODEL),
    ],
)
def test_bad_input_is_refused_and_not_billed(simulators: Simulators, body: Any, model: str) -> None:
    before = len(simulators.ledger("gemini"))
    response = ask(simulators, body, model)
    assert (response.status_code, response.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    (entry,) = simulators.ledger("gemini", since=before)
    assert (entry["status"], entry["billed"], entry["response_id"]) == (400, False, None)


@pytest.mark.parametrize(
    ("config", "size", "tokens"),
    [
        ({"imageSize": "1K", "aspectRatio": "1:1"}, (1024, 1024), 1120),
        ({"imageSize": "2K", "aspectRatio": "3:2"}, (2528, 1696), 1680),
        ({"imageSize": "512", "aspectRatio": "9:16"}, (384, 688), 747),
        ({"imageSize": "1K"}, (1264, 848), 1120),  # the picture's own ratio
    ],
)
def test_a_picture_has_the_size_that_was_asked_for_and_its_price(
    simulators: Simulators, config: dict[str, str], size: tuple[int, int], tokens: int
) -> None:
    response = ask(simulators, request_picture("sharper", encoded(photograph()), **config))
    assert picture_in(response).size == size
    usage = response.json()["usageMetadata"]
    assert usage["candidatesTokensDetails"] == [{"modality": "IMAGE", "tokenCount": tokens}]
    assert {"modality": "IMAGE", "tokenCount": 1120} in usage["promptTokensDetails"]
    assert usage["totalTokenCount"] == usage["promptTokenCount"] + usage["candidatesTokenCount"]
    assert response.json()["candidates"][0]["finishReason"] == "STOP"


def test_words_alone_make_no_picture(simulators: Simulators) -> None:
    candidate = ask(simulators, request_picture("a cat")).json()["candidates"][0]
    assert candidate["finishReason"] == "NO_IMAGE"
    assert "content" not in candidate


def test_a_plain_background_is_removed_to_white(simulators: Simulators) -> None:
    portrait = Image.new("RGB", (100, 100), (70, 110, 190))
    ImageDraw.Draw(portrait).ellipse((30, 30, 70, 70), fill=(200, 60, 30))
    response = ask(simulators, request_picture("Remove the background", encoded(portrait), imageSize="512"))
    pixels = np.asarray(picture_in(response).convert("RGB")).astype(int)
    assert pixels[10, 10].min() > 240
    assert pixels[256, 256, 2] < 120


def test_asked_for_a_brighter_picture_it_makes_a_brighter_one(simulators: Simulators) -> None:
    picture = encoded(photograph())
    plain, brighter = (
        np.asarray(picture_in(ask(simulators, request_picture(words, picture, imageSize="512"))))
        for words in ("sharper", "sharper 【客户修改要求】亮一点")
    )
    assert brighter.mean() > plain.mean() + 5


def test_each_answer_is_on_the_ledger_as_billed(simulators: Simulators) -> None:
    picture = encoded(photograph(120, 90))
    body = ask(simulators, request_picture("for the ledger", picture)).json()
    digest = hashlib.sha256(picture).hexdigest()
    entries = simulators.ledger("gemini", kind="image", input_sha256=digest)
    assert [entry["response_id"] for entry in entries] == [body["responseId"]]
    entry = entries[0]
    assert (entry["billed"], entry["model"], entry["prompt"]) == (True, IMAGE_MODEL, "for the ledger")
    assert entry["prompt_sha256"] == hashlib.sha256(b"for the ledger").hexdigest()
    assert entry["usage"] == body["usageMetadata"]


def test_a_sharper_result_scores_well_and_a_blurred_or_untouched_one_badly(simulators: Simulators) -> None:
    original = photograph(400, 300)
    results = {
        "sharper": original.resize((1600, 1200), Image.Resampling.LANCZOS).filter(ImageFilter.UnsharpMask(4, 200)),
        "blurred": original.filter(ImageFilter.GaussianBlur(3)),
        "untouched": original,
        "blank": Image.new("RGB", (400, 300), "white"),
    }
    scores = {
        name: score_in(ask(simulators, request_score(encoded(original), encoded(result)), VISION_MODEL))
        for name, result in results.items()
    }
    assert scores["sharper"] >= 90
    assert max(scores["blurred"], scores["untouched"], scores["blank"]) < 70
