"""`make demo` plays on a stack that runs already."""

import pytest

from tests.conftest import WholeShop
from tests.integration.demo.playing import expect_both_acts, play


@pytest.mark.timeout(400)
def test_the_demonstration_plays_on_a_stack_that_runs_already(whole_shop: WholeShop) -> None:
    data = whole_shop.stack.folder.path
    ran = play(data, "local")  # and with the provider of that stack
    assert "Using the stack that is already running, with its provider" in ran.stdout
    expect_both_acts(ran, data, "(Gemini) gemini-3.1-", "the model says the content is prohibited")
