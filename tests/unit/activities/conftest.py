"""Fixtures of the tests of activities."""

import pytest

from tests.unit.activities.workshop import Workshop


@pytest.fixture
def workshop() -> Workshop:
    return Workshop()
