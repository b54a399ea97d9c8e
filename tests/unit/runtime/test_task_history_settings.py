"""Settings of the task history: whose tokens are taken, plans and prices."""

from typing import Any

import pytest
from pydantic import ValidationError

from runtime import production
from runtime.settings import Settings, refusal

JWKS = "https://id.example/keys"
PLAN = {"records_per_month": 1, "upload_mb": 1, "storage_mb": 1, "credits_per_month": 1, "may_export": False}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"token_secret": "short"}, "TOKEN_SECRET is too short: generate a longer one"),
        ({"token_algorithm": "none"}, "TOKEN_ALGORITHM: Input should be 'HS256', 'RS256' or 'ES256'"),
        ({"token_algorithm": "RS256"}, "TOKEN_ALGORITHM is RS256, so TOKEN_JWKS_URL must be set"),
        ({"token_jwks_url": JWKS}, "TOKEN_JWKS_URL is set, so TOKEN_ALGORITHM must be RS256 or ES256"),
        ({"token_issuer": ""}, "TOKEN_ISSUER"),
        ({"token_audience": ""}, "TOKEN_AUDIENCE"),
        ({"plans": {"gold": PLAN}}, "DEFAULT_PLAN (free) is not one of PLANS: gold"),
        ({"plans": {}}, "PLANS"),
        ({"plans": {"free": PLAN | {"upload_mb": -1}}}, "PLANS.FREE.UPLOAD_MB"),
        ({"plans": {"free": PLAN | {"uploads": 1}}}, "PLANS.FREE.UPLOADS"),
        ({"credits": {"image_edit": -1}}, "CREDITS.IMAGE_EDIT"),
        ({"credits": {"painting": 1}}, "CREDITS: painting is not one of image_generation"),
        ({"history_kept_days": -1}, "HISTORY_KEPT_DAYS"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_a_sentence(said: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(_env_file=None, **said)
    assert told in refusal(refused.value)


def test_prices_that_are_left_out_keep_their_default() -> None:
    prices = Settings(_env_file=None, credits={"image_edit": 7}).credits
    assert prices == {"image_generation": 1, "image_edit": 7, "template_generation": 2, "order": 0}


def test_without_sign_in_a_shop_opens_and_the_doctor_says_so() -> None:
    told = "; ".join(production.cautions(Settings(_env_file=None, token_secret="")))
    assert "TOKEN_SECRET and TOKEN_JWKS_URL are missing: no end user can sign in" in told
    provided = Settings(_env_file=None, token_secret="", token_jwks_url=JWKS, token_algorithm="ES256")
    assert "TOKEN_SECRET" not in "; ".join(production.cautions(provided))
