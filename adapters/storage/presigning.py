"""Presigned S3 URLs that set the download file name, which obstore does not support."""

import hmac
from hashlib import sha256
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit


def content_disposition(filename: str) -> str:
    """Return the Content-Disposition header for this file name, in any script (RFC 6266, RFC 8187)."""
    return f"attachment; filename*=UTF-8''{quote(filename, safe='')}"


def with_response_headers(presigned: str, secret_access_key: str, headers: dict[str, str], method: str = "GET") -> str:
    """Return the presigned URL with `response-*` parameters added, re-signed for the same request.

    Source: "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)" in the Amazon S3 API reference.
    """
    url = urlsplit(presigned)
    query = dict(parse_qsl(url.query)) | headers
    query.pop("X-Amz-Signature")
    canonical_query = urlencode(sorted(query.items()), quote_via=quote, safe="")
    canonical = "\n".join([method, url.path, canonical_query, f"host:{url.netloc}", "", "host", "UNSIGNED-PAYLOAD"])
    signature = _signature(canonical, secret_access_key, query["X-Amz-Date"], query["X-Amz-Credential"])
    return urlunsplit(url._replace(query=f"{canonical_query}&X-Amz-Signature={signature}"))


def _signature(canonical: str, secret_access_key: str, timestamp: str, credential: str) -> str:
    scope = credential.rsplit("/", 4)[1:]  # date, region, s3, aws4_request
    key = f"AWS4{secret_access_key}".encode()
    for part in scope:
        key = hmac.digest(key, part.encode(), sha256)
    to_sign = "\n".join(["AWS4-HMAC-SHA256", timestamp, "/".join(scope), sha256(canonical.encode()).hexdigest()])
    return hmac.new(key, to_sign.encode(), sha256).hexdigest()
