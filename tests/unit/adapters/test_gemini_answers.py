"""Reading Gemini's answers."""

from decimal import Decimal

import pytest
from google.genai import types

from adapters.gemini_answers import json_of, picture_of, usage
from adapters.gemini_prices import PRICES, cost
from domain.errors import ModelAnswerUnusable, ModelError, ModelRefused
from domain.pictures import Analysis, Look, RiskLevel


def answered(text: str | None = None, reason: str = "STOP", **more: object) -> types.GenerateContentResponse:
    content = {"parts": [{"text": text}] if text else None}
    return types.GenerateContentResponse.model_validate(
        {"candidates": [{"content": content, "finishReason": reason}]} | more
    )


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("SAFETY", ModelRefused),
        ("PROHIBITED_CONTENT", ModelRefused),
        ("BLOCKLIST", ModelRefused),
        ("SPII", ModelRefused),
        ("RECITATION", ModelRefused),
        ("IMAGE_SAFETY", ModelRefused),
        ("IMAGE_PROHIBITED_CONTENT", ModelRefused),
        ("IMAGE_RECITATION", ModelRefused),
        ("STOP", ModelAnswerUnusable),
        ("IMAGE_OTHER", ModelAnswerUnusable),
        ("OTHER", ModelAnswerUnusable),
        ("NO_IMAGE", ModelAnswerUnusable),
        ("MAX_TOKENS", ModelAnswerUnusable),
        ("A_REASON_OF_TOMORROW", ModelAnswerUnusable),
    ],
)
@pytest.mark.filterwarnings("ignore:A_REASON_OF_TOMORROW is not a valid FinishReason")
def test_no_picture_is_a_refusal_or_worth_another_try_by_its_reason(reason: str, kind: type[ModelError]) -> None:
    with pytest.raises(kind) as raised:
        picture_of(answered("sorry", reason))
    assert raised.value.finish_reason == reason


def test_an_answer_without_candidates_is_unusable() -> None:
    with pytest.raises(ModelAnswerUnusable):
        picture_of(types.GenerateContentResponse())


def test_the_thoughts_of_a_model_are_not_its_answer() -> None:
    thought = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}, "thought": True}
    final = {"inlineData": {"mimeType": "image/jpeg", "data": "BBBB"}}
    parts = {"candidates": [{"content": {"parts": [thought, final]}, "finishReason": "STOP"}]}
    assert picture_of(types.GenerateContentResponse.model_validate(parts)).content_type == "image/jpeg"


def test_json_becomes_the_model_that_was_asked_for() -> None:
    said = '{"complexity": "hard", "risk": {"level": "low", "reasons": ["logo"]}, "surprise": 1}'
    analysis = json_of(answered(said), Analysis)
    assert (analysis.complexity, analysis.risk.level) == ("hard", RiskLevel.LOW)


@pytest.mark.parametrize("said", ["not json", "{}", '{"score": 101}', '{"score": 50, "next_step": "give up"}', "[]"])
def test_json_that_does_not_fit_is_unusable(said: str) -> None:
    with pytest.raises(ModelAnswerUnusable):
        json_of(answered(said), Look)


def test_tokens_are_counted_by_modality_with_thinking_by_itself() -> None:
    said = {
        "promptTokenCount": 1200,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 80}, {"modality": "IMAGE", "tokenCount": 1120}],
        "candidatesTokenCount": 1700,
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1680}],
        "thoughtsTokenCount": 40,
    }
    counted = usage(answered(usageMetadata=said))
    assert counted["input_tokens"] == {"text": 80, "image": 1120}
    assert counted["output_tokens"] == {"image": 1680, "text": 20, "thoughts": 40}
    assert cost(PRICES["gemini-3.1-flash-image"], **counted) == Decimal("0.00060") + Decimal("0.1008") + Decimal(
        "0.00018"
    )


def test_a_model_without_a_price_costs_an_unknown_sum() -> None:
    assert cost(None, {"text": 5}, {"text": 5}) is None
    assert cost(PRICES["gemini-3.5-flash-lite"], {"text": 5}, {"image": 1120}) is None


def test_an_answer_without_usage_counts_nothing() -> None:
    assert usage(answered("x")) == {}
