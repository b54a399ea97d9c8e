"""Sets the bucket up, by botocore: made where it is missing, private, forgetful of what nobody needs any more."""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import md5
from typing import Any

import botocore.session
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from domain.vocabulary.errors import OutsideRefused, OutsideUnavailable

OURS = "darkroom-"  # how the ids of our lifecycle rules begin: those of others are left alone
UPLOADS = "uploads/"  # what an order wants of it, it has copied at its first look
HALVES_DAYS = 2  # uploads in parts that were never finished
REFUSED = {"AccessDenied", "403"}  # to the key of every day, which need not set up anything
UNKNOWN = {"NotImplemented", "MethodNotAllowed", "InvalidRequest", "501", "405"}
USUAL_REGION = "us-east-1"  # the one that AWS wants unsaid


class Bucket:
    """One bucket, and the key that may set it up."""

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
        """Set it up and tell what was done; harmless when repeated. Raises OutsideRefused, OutsideUnavailable."""
        try:
            return [*self._make(), *self._close(), *self._forget(uploads_kept_days)]
        except ClientError as error:
            raise OutsideRefused(f"storage refuses to set up {self._name}: {error}") from error
        except BotoCoreError as error:
            raise OutsideUnavailable(f"storage is away: {error}") from error

    def rules(self) -> list[dict[str, Any]]:
        """Return the rules of what is forgotten when, ours and those of others."""
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
            return [f"bucket {self._name} is there"]
        place: dict[str, Any] = {"LocationConstraint": self._region}
        where = {} if self._region == USUAL_REGION else {"CreateBucketConfiguration": place}
        try:
            self._s3.create_bucket(Bucket=self._name, **where)
        except ClientError as error:
            if _code(error) != "BucketAlreadyOwnedByYou":  # somebody else does this at the same time
                raise
        return [f"bucket {self._name} made"]

    def _close(self) -> Sequence[str]:
        """Keep strangers out: by a block where there is such a thing, and see for ourselves in any case."""
        all_of_it = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        told = "it is private, and a block keeps it so"
        try:
            self._s3.put_public_access_block(
                Bucket=self._name, PublicAccessBlockConfiguration=dict.fromkeys(all_of_it, True)
            )
        except ClientError as error:
            if _code(error) not in UNKNOWN | REFUSED:
                raise
            reason = "this key may set no" if _code(error) in REFUSED else "this storage knows no"
            told = f"it is private; {reason} block of public access, so give it no public policy"
        try:
            self._stranger.list_objects_v2(Bucket=self._name, MaxKeys=1)
        except ClientError as error:
            if _status(error) in {401, 403}:
                return [told]
            raise
        raise OutsideRefused(f"strangers may look into {self._name}: take its public policy or list away")

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
                return [f"what it forgets this key may not say ({_code(error)}): run this once with one that may"]
            if _code(error) not in UNKNOWN:
                raise
            return [f"this storage forgets nothing by itself ({_code(error)}): delete what is old in {UPLOADS} by hand"]
        kept = f"what lies in {UPLOADS} is forgotten after {uploads_kept_days} days"
        return [kept, f"uploads in parts that were never finished, after {HALVES_DAYS}"]


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _with_md5(params: dict[str, Any], **_: Any) -> None:
    """Some stores refuse rules without this header, which AWS itself wants no more."""
    body = params["body"] if isinstance(params["body"], bytes) else str(params["body"]).encode()
    digest = md5(body, usedforsecurity=False).digest()
    params["headers"]["Content-MD5"] = b64encode(digest).decode()
