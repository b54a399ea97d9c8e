"""Addresses of databases as people paste them."""

import pytest
from sqlalchemy import make_url

from adapters.db.address import usable

OURS = "postgresql+asyncpg://shop:p%40ss@db.example:5432/darkroom"


@pytest.mark.parametrize(
    ("pasted", "used"),
    [
        (OURS, OURS),
        ("postgres://shop:p%40ss@db.example:5432/darkroom", OURS),
        ("postgresql://shop:p%40ss@db.example:5432/darkroom\n", OURS),
        (f"{OURS}?sslmode=require", f"{OURS}?ssl=require"),
        (f"{OURS}?ssl=verify-full", f"{OURS}?ssl=verify-full"),
        (f"{OURS}?sslmode=require&channel_binding=require&connect_timeout=10", f"{OURS}?ssl=require"),
        (f"{OURS}?host=/var/run/postgresql", f"{OURS}?host=/var/run/postgresql"),
    ],
)
def test_what_is_pasted_is_used(pasted: str, used: str) -> None:
    assert usable(pasted) == used
    assert make_url(used).drivername == "postgresql+asyncpg"


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        ("mysql://shop:secret@db.example/darkroom", "must begin with postgresql"),
        ("db.example/darkroom", "must begin with postgresql"),
        ("", "must begin with postgresql"),
        ("postgres://shop:secret@db.example:54x2/darkroom", "invalid database URL"),
        ("postgres://shop:secret@[db.example/darkroom", "invalid database URL"),
        (f"{OURS}?sslrootcert=/ca.pem&secret=1", "unknown parameters: secret, sslrootcert"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence_that_tells_no_password(pasted: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        usable(pasted)
    assert "shop" not in str(caught.value)
