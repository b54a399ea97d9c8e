"""Reading Gemini's answers."""

import pytest
from google.genai import types

from adapters.gemini.answers import finish_reason, json_of, pictures_of, usage
from domain.vocabulary.errors import ModelAnswerUnusable, ModelError, ModelRefused
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import Analysis, Look, ModelCall, RiskLevel

CALL = ModelCall(provider="gemini", model="gemini-3.1-flash-image")


def answered(text: str | None = None, reason: str = "STOP", **more: object) -> types.GenerateContentResponse:
    content = {"parts": [{"text": text}] if text else None}
    return types.GenerateContentResponse.model_validate(
        {"candidates": [{"content": content, "finishReason": reason}]} | more
    )


def ended(response: types.GenerateContentResponse) -> ModelCall:
    return CALL.model_copy(update={"finish_reason": finish_reason(response)})


@pytest.mark.parametrize(
    ("reason", "kind", "outcome"),
    [
        ("SAFETY", ModelRefused, Outcome.REFUSED),
        ("RECITATION", ModelRefused, Outcome.REFUSED),
        ("IMAGE_SAFETY", ModelRefused, Outcome.REFUSED),
        ("IMAGE_RECITATION", ModelRefused, Outcome.REFUSED),
        ("PROHIBITED_CONTENT", ModelRefused, Outcome.FORBIDDEN),
        ("IMAGE_PROHIBITED_CONTENT", ModelRefused, Outcome.FORBIDDEN),
        ("BLOCKLIST", ModelRefused, Outcome.FORBIDDEN),
        ("SPII", ModelRefused, Outcome.FORBIDDEN),
        ("STOP", ModelAnswerUnusable, Outcome.NO_PICTURE),
        ("IMAGE_OTHER", ModelAnswerUnusable, Outcome.NO_PICTURE),
        ("OTHER", ModelAnswerUnusable, Outcome.NO_PICTURE),
        ("NO_IMAGE", ModelAnswerUnusable, Outcome.NO_PICTURE),
        ("MAX_TOKENS", ModelAnswerUnusable, Outcome.NO_PICTURE),
        ("A_REASON_OF_TOMORROW", ModelAnswerUnusable, Outcome.NO_PICTURE),
    ],
)
@pytest.mark.filterwarnings("ignore:A_REASON_OF_TOMORROW is not a valid FinishReason")
def test_no_picture_is_a_refusal_or_worth_another_try_by_its_reason(
    reason: str, kind: type[ModelError], outcome: Outcome
) -> None:
    response = answered(None, reason)
    with pytest.raises(kind) as raised:
        pictures_of(response, ended(response))
    assert (raised.value.call.finish_reason, raised.value.outcome) == (reason, outcome)


def test_words_instead_of_a_picture_are_told() -> None:
    response = answered("I would rather describe it")
    with pytest.raises(ModelAnswerUnusable, match="I would rather describe it") as raised:
        pictures_of(response, ended(response))
    assert raised.value.outcome is Outcome.ONLY_WORDS


@pytest.mark.parametrize("reason", ["PROHIBITED_CONTENT", "SAFETY"])
def test_a_blocked_prompt_is_a_refusal_like_any_other(reason: str) -> None:
    response = types.GenerateContentResponse.model_validate({"promptFeedback": {"blockReason": reason}})
    with pytest.raises(ModelRefused) as raised:
        pictures_of(response, ended(response))
    assert raised.value.call.finish_reason == reason


def test_an_answer_without_candidates_is_unusable_and_perhaps_billed() -> None:
    with pytest.raises(ModelAnswerUnusable) as raised:
        pictures_of(types.GenerateContentResponse(), CALL)
    assert raised.value.possibly_billed


def test_a_refusal_whose_tokens_are_counted_is_billed_for_sure() -> None:
    response = answered(None, "IMAGE_SAFETY", usageMetadata={"promptTokenCount": 1200, "totalTokenCount": 1200})
    with pytest.raises(ModelRefused) as raised:
        pictures_of(response, ended(response))
    assert not raised.value.possibly_billed


def test_the_thoughts_of_a_model_are_not_its_answer_and_several_pictures_are_all_taken() -> None:
    thought = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}, "thought": True}
    final = [{"inlineData": {"mimeType": "image/jpeg", "data": data}} for data in ("BBBB", "CCCC")]
    parts = {"candidates": [{"content": {"parts": [thought, *final]}, "finishReason": "STOP"}]}
    pictures = pictures_of(types.GenerateContentResponse.model_validate(parts), CALL)
    assert [picture.content_type for picture in pictures] == ["image/jpeg", "image/jpeg"]


def test_json_becomes_the_model_that_was_asked_for() -> None:
    said = '{"complexity": "hard", "risk": {"level": "low", "reasons": ["logo"]}, "surprise": 1}'
    analysis = json_of(answered(said), CALL, Analysis)
    assert (analysis.complexity, analysis.risk.level) == ("hard", RiskLevel.LOW)


@pytest.mark.parametrize("said", ["not json", "{}", '{"score": 101}', '{"score": 50, "next_step": "give up"}', "[]"])
def test_json_that_does_not_fit_is_unusable(said: str) -> None:
    with pytest.raises(ModelAnswerUnusable) as raised:
        json_of(answered(said), CALL, Look)
    assert raised.value.outcome is Outcome.GARBLED


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


def test_output_of_no_told_modality_is_what_was_asked_for() -> None:
    said = answered(usageMetadata={"candidatesTokenCount": 1680})
    assert usage(said, "image")["output_tokens"] == {"image": 1680}


def test_an_answer_without_usage_counts_nothing() -> None:
    assert usage(answered("x")) == {}
