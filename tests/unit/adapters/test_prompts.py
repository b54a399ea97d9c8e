"""What models are told."""

import json

import pytest

from adapters.prompts import Judgement, answer_schema, generation_prompt
from domain.ports import Wish
from domain.vocabulary.pictures import Analysis, Operation


@pytest.mark.parametrize("operation", Operation)
def test_every_operation_is_instructed_and_the_orders_prompt_follows_whole(operation: Operation) -> None:
    prompt = "Sharpen it.\n【客户修改要求】天空再蓝一点"
    said = generation_prompt(Wish(operation, prompt))
    assert said.endswith(prompt)
    assert len(said) > len(prompt) + 40


@pytest.mark.parametrize("model", [Analysis, Judgement])
def test_every_field_of_an_answer_is_required_and_none_has_a_default(model: type[Analysis | Judgement]) -> None:
    schema = answer_schema(model)
    assert set(schema["required"]) == set(schema["properties"]) == set(model.model_fields)
    assert '"default"' not in json.dumps(schema)
