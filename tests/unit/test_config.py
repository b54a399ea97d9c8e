"""Settings that are wrong stop the start with a sentence that names the field."""

from typing import Any

import pytest
from pydantic import ValidationError

from config import Settings


@pytest.mark.parametrize("secrets", ["whsec_", "whsec_eHl6,", "whsec_eHl6,whsec_x"])
def test_a_payment_secret_that_no_payment_could_fit_stops_the_start(secrets: str) -> None:
    with pytest.raises(ValidationError, match="PAYMENT_SECRETS: each is"):
        Settings(_env_file=None, payment_secrets=secrets)


def test_an_empty_payment_secret_is_none() -> None:
    assert Settings(_env_file=None, payment_secrets="  ").payment_secrets is None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"tuhui_url": "https://tuhui.example"}, "TUHUI_URL needs a TUHUI_API_KEY"),
        ({"tuhui_cancel_path": "/tasks/cancel"}, "TUHUI_CANCEL_PATH must hold {id}"),
        ({"designer_deadline_hours": 24}, "DESIGNER_DEADLINE_HOURS must be less"),
    ],
)
def test_settings_of_designers_that_cannot_be_meant_stop_the_start(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Settings(_env_file=None, **settings)
