"""A bucket is set up on a real S3 server: made, private, with its rules; again and again."""

import json
import uuid
from base64 import b64encode
from collections.abc import Mapping
from hashlib import md5
from typing import Any

import pytest

from adapters.storage.bucket import Bucket
from domain.vocabulary.errors import OutsideRefused, OutsideUnavailable


def bucket(storage: Mapping[str, str], name: str = "", **other: Any) -> Bucket:
    said = {
        "name": name or f"made-{uuid.uuid4().hex[:8]}",
        "access_key_id": storage["AWS_ACCESS_KEY_ID"],
        "secret_access_key": storage["AWS_SECRET_ACCESS_KEY"],
        "region": "us-east-1",
        "endpoint_url": storage["S3_ENDPOINT_URL"],
    }
    return Bucket(**said | other)


def test_a_bucket_is_made_with_its_rules_and_a_second_time_nothing_changes(storage_settings: Mapping[str, str]) -> None:
    made = bucket(storage_settings)
    assert made.set_up(14)[0].endswith("created")
    rules = made.rules()
    uploads, halves = rules
    assert (uploads["Filter"], uploads["Expiration"], uploads["Status"]) == (
        {"Prefix": "uploads/"},
        {"Days": 14},
        "Enabled",
    )
    assert halves["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 2}
    assert made.set_up(14)[0].endswith("exists")
    assert made.rules() == rules


def test_rules_of_others_stay_and_ours_follow_the_setting(storage_settings: Mapping[str, str]) -> None:
    made = bucket(storage_settings)
    made.set_up(14)
    own = {"ID": "mine", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 3}}
    made._s3.put_bucket_lifecycle_configuration(
        Bucket=made._name, LifecycleConfiguration={"Rules": [own, *made.rules()]}
    )
    made.set_up(7)
    rules = {rule["ID"]: rule for rule in made.rules()}
    assert rules["mine"]["Expiration"] == {"Days": 3}
    assert rules["darkroom-uploads"]["Expiration"] == {"Days": 7}
    assert len(rules) == 3


def test_a_bucket_that_strangers_may_look_into_is_not_taken_for_private(storage_settings: Mapping[str, str]) -> None:
    made = bucket(storage_settings)
    assert any(word.startswith("It is private") for word in made.set_up(14))
    everybody = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:ListBucket", "s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{made._name}", f"arn:aws:s3:::{made._name}/*"],
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everybody]})
    made._s3.put_bucket_policy(Bucket=made._name, Policy=policy)
    with pytest.raises(OutsideRefused, match="is public: remove"):
        made.set_up(14)


@pytest.mark.parametrize(
    ("other", "kind"),
    [({"secret_access_key": "wrong"}, OutsideRefused), ({"endpoint_url": "http://127.0.0.1:1"}, OutsideUnavailable)],
)
def test_what_stands_in_the_way_is_a_sentence(
    storage_settings: Mapping[str, str], other: dict[str, str], kind: type[Exception]
) -> None:
    with pytest.raises(kind, match=r"storage|bucket"):
        bucket(storage_settings, **other).set_up(14)


def test_rules_bear_the_checksum_that_some_stores_ask_for(storage_settings: Mapping[str, str]) -> None:
    made, sent = bucket(storage_settings), list[dict[str, Any]]()
    made._s3.meta.events.register_last(
        "before-call.s3.PutBucketLifecycleConfiguration", lambda params, **_: sent.append(params)
    )
    made.set_up(14)
    digest = md5(sent[0]["body"], usedforsecurity=False).digest()
    assert sent[0]["headers"]["Content-MD5"] == b64encode(digest).decode()
