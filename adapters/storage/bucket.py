"""Sets up the bucket with botocore: creates it if missing, keeps it private, expires old uploads."""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import md5
from typing import Any

import botocore.session
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from domain.vocabulary.errors import OutsideRefused, OutsideUnavailable

OURS = "darkroom-"  # id prefix of our lifecycle rules; other rules are kept
UPLOADS = "uploads/"  # may expire: an order copies its uploads when it first looks at them
HALVES_DAYS = 2  # for incomplete multipart uploads
REFUSED = {"AccessDenied", "403"}  # answers to a key without set-up permissions
UNKNOWN = {"NotImplemented", "MethodNotAllowed", "InvalidRequest", "501", "405"}
USUAL_REGION = "us-east-1"  # AWS wants it omitted


class Bucket:
    """A bucket, accessed with a key that may set it up."""

    def __init__(
        self, *, name: str, access_key_id: str, secret_access_key: str, region: str, endpoint_url: str | None
    ) -> None:
        self._name, self._region = name, region
        place = {"service_name": "s3", "endpoint_url": endpoint_url or None, "region_name": region}
        quick: dict[str, Any] = {
            "connect_timeout": 5,
            "read_timeout": 30,
            "retries": {"max_attempts": 2},
            "s3": {"addressing_style": "path"} if endpoint_url else {},
        }
        session = botocore.session.get_session()
        self._s3 = session.create_client(
            **place, aws_access_key_id=access_key_id, aws_secret_access_key=secret_access_key, config=Config(**quick)
        )
        self._s3.meta.events.register("before-call.s3.PutBucketLifecycleConfiguration", _with_md5)
        self._stranger = session.create_client(**place, config=Config(**quick, signature_version=UNSIGNED))

    def set_up(self, uploads_kept_days: int) -> list[str]:
        """Set up the bucket and return what was done. Idempotent. Raises OutsideRefused, OutsideUnavailable."""
        try:
            return [*self._make(), *self._close(), *self._forget(uploads_kept_days)]
        except ClientError as error:
            raise OutsideRefused(f"cannot set up the bucket {self._name}: {error}") from error
        except BotoCoreError as error:
            raise OutsideUnavailable(f"storage is away: {error}") from error

    def rules(self) -> list[dict[str, Any]]:
        """Return all lifecycle rules of the bucket, ours and others."""
        try:
            found: list[dict[str, Any]] = self._s3.get_bucket_lifecycle_configuration(Bucket=self._name)["Rules"]
        except ClientError as error:
            if _code(error) == "NoSuchLifecycleConfiguration":
                return []
            raise
        return found

    def _make(self) -> Sequence[str]:
        try:
            self._s3.head_bucket(Bucket=self._name)
        except ClientError as error:
            if _code(error) not in {"404", "NoSuchBucket"}:
                raise
        else:
            return [f"Bucket {self._name} exists"]
        place: dict[str, Any] = {"LocationConstraint": self._region}
        where = {} if self._region == USUAL_REGION else {"CreateBucketConfiguration": place}
        try:
            self._s3.create_bucket(Bucket=self._name, **where)
        except ClientError as error:
            if _code(error) != "BucketAlreadyOwnedByYou":  # created concurrently
                raise
        return [f"Bucket {self._name} created"]

    def _close(self) -> Sequence[str]:
        """Block public access if the storage supports that, and check in any case that anonymous access fails."""
        all_of_it = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        told = "It is private, and public access is blocked"
        try:
            self._s3.put_public_access_block(
                Bucket=self._name, PublicAccessBlockConfiguration=dict.fromkeys(all_of_it, True)
            )
        except ClientError as error:
            if _code(error) not in UNKNOWN | REFUSED:
                raise
            reason = "this key may not" if _code(error) in REFUSED else "this storage cannot"
            told = f"It is private, but {reason} block public access: never give it a public policy"
        try:
            self._stranger.list_objects_v2(Bucket=self._name, MaxKeys=1)
        except ClientError as error:
            if _status(error) in {401, 403}:
                return [told]
            raise
        raise OutsideRefused(f"the bucket {self._name} is public: remove its public policy or ACL")

    def _forget(self, uploads_kept_days: int) -> Sequence[str]:
        ours = [
            {
                "ID": f"{OURS}uploads",
                "Status": "Enabled",
                "Filter": {"Prefix": UPLOADS},
                "Expiration": {"Days": uploads_kept_days},
            },
            {
                "ID": f"{OURS}halves",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": HALVES_DAYS},
            },
        ]
        try:
            others = [rule for rule in self.rules() if not str(rule.get("ID", "")).startswith(OURS)]
            self._s3.put_bucket_lifecycle_configuration(
                Bucket=self._name, LifecycleConfiguration={"Rules": [*others, *ours]}
            )
        except ClientError as error:
            if _code(error) in REFUSED:
                return [f"Uploads will not expire: this key may not set that ({_code(error)}); use another key once"]
            if _code(error) not in UNKNOWN:
                raise
            return [f"Uploads will not expire: not supported here ({_code(error)}); delete old {UPLOADS} by hand"]
        kept = f"Objects under {UPLOADS} expire after {uploads_kept_days} days"
        return [kept, f"Incomplete multipart uploads expire after {HALVES_DAYS} days"]


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _with_md5(params: dict[str, Any], **_: Any) -> None:
    """Add Content-MD5, which some stores require for lifecycle rules, though AWS no longer does."""
    body = params["body"] if isinstance(params["body"], bytes) else str(params["body"]).encode()
    digest = md5(body, usedforsecurity=False).digest()
    params["headers"]["Content-MD5"] = b64encode(digest).decode()
