"""The visible AI label is left out only by a consent of its kind, in the customer's words."""

import pytest

from domain.order.label_waiver import is_waived


@pytest.mark.parametrize(
    "kind", ["no_ai_label", "no explicit AI label", "No-AI-Label", "no_explicit_ai_label", "no visible AI label"]
)
def test_a_consent_of_its_kind_leaves_it_out(kind: str) -> None:
    assert is_waived({"terms": "好", kind: "不用标AI"})


@pytest.mark.parametrize(
    "consents", [{}, {"terms": "不用标AI"}, {"no_ai_label": ""}, {"no_ai_label": "  "}, {"ai_label": "好"}]
)
def test_in_doubt_it_stays(consents: dict[str, str]) -> None:
    assert not is_waived(consents)
