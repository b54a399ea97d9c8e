"""Presigned links with headers of our choice, against obstore's own signatures."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import obstore
import pytest
from hypothesis import given
from hypothesis import strategies as st
from obstore.store import S3Store

from adapters.storage.presigning import content_disposition, with_response_headers

SECRET = "a/secret+key="
STORE = S3Store(
    "bucket", endpoint="https://storage.test", region="eu-west-1", access_key_id="key id/1", secret_access_key=SECRET,
    session_token="a+token/=",
)  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@given(key=st.from_regex(r"[a-z0-9 ~!'()*+=&图片.-]*[a-z图]", fullmatch=True))
def test_without_further_headers_the_signature_is_the_one_that_obstore_made(method: str, key: str) -> None:
    presigned = obstore.sign(STORE, method, f"folder/{key}", timedelta(minutes=5))  # type: ignore[call-overload] # a str
    resigned = with_response_headers(presigned, SECRET, {}, method)
    assert parse_qs(urlsplit(resigned).query) == parse_qs(urlsplit(presigned).query)
    assert urlsplit(resigned).path == urlsplit(presigned).path


def test_a_further_header_changes_the_signature() -> None:
    presigned = obstore.sign(STORE, "GET", "a.png", timedelta(minutes=5))
    resigned = with_response_headers(presigned, SECRET, {"response-content-disposition": "attachment"})
    before, after = parse_qs(urlsplit(presigned).query), parse_qs(urlsplit(resigned).query)
    assert after["response-content-disposition"] == ["attachment"]
    assert after["X-Amz-Signature"] != before["X-Amz-Signature"]


@given(st.text())
def test_no_filename_breaks_out_of_the_header(filename: str) -> None:
    header = content_disposition(filename)
    assert header.isascii()
    assert not set('\r\n";\\') & set(header.removeprefix("attachment;"))
