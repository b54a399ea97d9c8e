"""What customers write, as Postgres can keep it."""

import pytest

from adapters.db.columns import storable


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("你好 😀", "你好 😀"),
        ("a\0b", "ab"),
        ("\ud83d", "?"),
        ({"a\0": ["\0", 1, None]}, {"a": ["", 1, None]}),
        (None, None),
        (1.5, 1.5),
    ],
)
def test_only_what_postgres_refuses_is_taken_out(sent: object, kept: object) -> None:
    assert storable(sent) == kept
