"""An image in a JSON body goes to disk, whatever the rest says, and never through memory."""

import base64
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.vocabulary.errors import MalformedRequest
from gateway.task_history import data_urls
from gateway.task_history.data_urls import MOST_BESIDE, TAKEN, take_image

IN_A_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def taken(folder: Path, body: bytes) -> tuple[Any, bytes]:
    (folder / "body").write_bytes(body)
    image = io.BytesIO()
    return take_image(folder / "body", image), image.getvalue()


def url(data: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


@IN_A_FOLDER
@given(data=st.binary(max_size=300), text=st.text(max_size=60), piece=st.sampled_from([4, 8, 12, 512]))
def test_the_image_is_taken_out_and_the_rest_is_read(tmp_path: Path, data: bytes, text: str, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(data_urls, "PIECE", piece)
        for body in (
            json.dumps({"a": text, "image": url(data), "b": [1]}),
            json.dumps({"a": text, "image": url(data), "b": [1]})
            .replace("/", "\\/")
            .replace("data:image\\/", "data:image/"),
        ):
            content, image = taken(tmp_path, body.encode())
            assert image == data
            assert content["image"] == TAKEN
            assert content["b"] == [1]


@IN_A_FOLDER
@given(text=st.text(max_size=60))
def test_text_that_only_looks_like_an_image_stays_where_it_is(tmp_path: Path, text: str) -> None:
    said = {"a": f'{text}"data:image/png;base64,AAAA', "b": f'"data:image/png;base64,{text}'}
    content, image = taken(tmp_path, json.dumps(said).encode())
    assert image == b""
    assert content["a"].endswith("AAAA")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"7x", b"\xff", b'{"a": "data:image/png;base64,AAAA', b'{"a": "data:image/png;base64,AA*A"}',
        b'{"a": "data:image/png;base64,AAA"}', b'{"a": "data:image/png;base64,AAAA\\"}',
        b'{"a": "data:image/png;base64,A A="}',
        b'{"a": "data:image/png;base64,AAAA" "b"}', b"[" * 50_000,
        json.dumps({"a": url(b"x"), "b": "y" * MOST_BESIDE}).encode(),
        json.dumps({"a": url(b"x"), "b": url(b"y" * MOST_BESIDE)}).encode(),
        json.dumps({"a": "y" * (MOST_BESIDE + 1)}).encode(),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_a_sentence(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(MalformedRequest, match=r"JSON|base64|UTF-8|nested|beside"):
        taken(tmp_path, body)


def test_a_large_image_takes_no_memory(tmp_path: Path) -> None:
    size = 30_000_000
    (tmp_path / "body").write_text(json.dumps({"image": url(bytes(size))}))
    with (tmp_path / "image").open("wb") as image:
        tracemalloc.start()
        take_image(tmp_path / "body", image)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (tmp_path / "image").stat().st_size == size
    assert peak < 5_000_000
