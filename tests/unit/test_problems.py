"""Errors as problem details."""

import json
import re
from pathlib import Path

import pytest
from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from adapters.phrases import Phrasebook
from domain.order.messages import OrderRequest
from domain.texts.catalogue import LANGUAGES, TEXTS, Language
from domain.vocabulary.errors import (
    DarkroomError,
    LinkUnreadable,
    OutsideRefused,
    OutsideUnavailable,
    PictureUnreadable,
)
from gateway.errors import handle
from runtime.paths import CATALOGUES, ROOT
from starter.routing import SeveralOrdersMeant

AWAY = "a dependency is temporarily unavailable; retry later"
REQUEST = Request({"type": "http", "path": "/api/orders", "headers": []})
REASONS = [key.removeprefix("picture.") for key in TEXTS["zh"].texts if key.startswith("picture.")]


def request_in(language: Language) -> Request:
    phrases = Phrasebook(ROOT / CATALOGUES[language], language)
    return Request({"type": "http", "path": "/api/orders", "headers": [], "state": {"phrases": phrases}})


def too_many_pictures() -> RequestValidationError:
    with pytest.raises(ValidationError) as refused:
        OrderRequest.model_validate({"customer_id": "c", "pictures": [{}] * 41})
    return RequestValidationError(refused.value.errors())


@pytest.mark.parametrize(
    ("language", "error", "words"),
    [
        ("zh", too_many_pictures(), "一单最多40张图哈,多的麻烦您另外下一单"),
        ("en", too_many_pictures(), "An order takes 40 pictures; please begin another one for the rest."),
        *((language, PictureUnreadable("?", reason), None) for language in LANGUAGES for reason in REASONS),
    ],
)
async def test_customers_are_told_in_the_shops_language_what_is_wrong_with_what_they_sent(
    language: Language, error: Exception, words: str | None
) -> None:
    answer = await handle(request_in(language), error)
    problem = json.loads(bytes(answer.body))
    assert answer.status_code == 422
    assert words in {None, problem["words"]}
    assert bool(re.search(r"[\u4e00-\u9fff]", problem["words"])) == (language == "zh")


async def test_customers_are_told_in_the_words_that_the_shop_chose(tmp_path: Path) -> None:
    path = tmp_path / "phrases.toml"
    path.write_text('[picture]\ndamaged = "这图坏了"')
    request = Request({"type": "http", "path": "/", "headers": [], "state": {"phrases": Phrasebook(path)}})
    answer = await handle(request, PictureUnreadable("?", "damaged"))
    assert json.loads(bytes(answer.body))["words"] == "这图坏了"


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (LinkUnreadable("none of ours"), 404, "none of ours"),
        (OutsideUnavailable("postgres://10.1.2.3 is away"), 503, AWAY),
        (HTTPException(418, "short and stout"), 418, "short and stout"),
        (OutsideRefused("wrong key AKIA..."), 503, AWAY),
        (SeveralOrdersMeant("which?"), 409, "which?"),
        (DarkroomError("inner matter"), 500, "internal error"),
        (RuntimeError("password=1234"), 500, "internal error"),
    ],
)
async def test_an_error_becomes_a_problem_that_tells_no_secret(error: Exception, status: int, detail: str) -> None:
    answer = await handle(REQUEST, error)
    problem = json.loads(bytes(answer.body))
    assert answer.media_type == "application/problem+json"
    assert (answer.status_code, problem["status"], problem["detail"]) == (status, status, detail)
