"""`darkroom token`: for trying the task history."""

import asyncio
import json

import pytest
from typer.testing import CliRunner, Result

from cli import app
from runtime import wiring
from runtime.settings import Settings

USER = "0b5c8f6e-2f0f-4a46-9d5f-0e6a4c1d2b3a"
SECRET = "a secret of the tests, long enough for it"


def token(*words: str, secret: str = SECRET) -> Result:
    return CliRunner().invoke(app, ["token", *words], env={"TOKEN_SECRET": secret, "COLUMNS": "200"})


async def test_the_token_that_is_printed_signs_its_user_in() -> None:
    tokens = wiring.tokens(Settings(_env_file=None, token_secret=SECRET))
    printed = await asyncio.to_thread(token, "--user", USER, "--plan", "pro")  # it runs a loop of its own
    user = await tokens.verify(printed.stdout.strip())
    assert (str(user.user_id), user.plan) == (USER, "pro")
    told = json.loads((await asyncio.to_thread(token, "--user", USER.upper(), "--json")).stdout)
    assert (told["user_id"], told["plan"]) == (USER, "free")
    assert str((await tokens.verify(told["token"])).user_id) == USER


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--user", "wang"], "expected a UUID"),
        (["--user", USER, "--plan", "gold"], "PLANS has: free, pro"),
        (["--user", USER, "--hours", "0"], "--hours must be more than 0"),
        (["--user", USER, "--hours", "1e9"], "--hours must be more than 0"),
        ([], "--user"),
    ],
)
def test_a_wrong_option_is_a_usage_error_that_says_what_fits(words: list[str], told: str) -> None:
    refused = token(*words)
    assert refused.exit_code == 2
    assert told in refused.output


def test_without_a_secret_it_says_who_issues_tokens() -> None:
    refused = token("--user", USER, secret="")
    assert refused.exit_code == 1
    assert "identity provider" in refused.output
