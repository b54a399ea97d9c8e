"""Settings that are wrong stop the start with a sentence that names the field."""

import pytest
from pydantic import ValidationError

from config import Settings


@pytest.mark.parametrize("secrets", ["whsec_", "whsec_eHl6,", "whsec_eHl6,whsec_x"])
def test_a_payment_secret_that_no_payment_could_fit_stops_the_start(secrets: str) -> None:
    with pytest.raises(ValidationError, match="PAYMENT_SECRETS: each is"):
        Settings(_env_file=None, payment_secrets=secrets)


def test_an_empty_payment_secret_is_none() -> None:
    assert Settings(_env_file=None, payment_secrets="  ").payment_secrets is None
