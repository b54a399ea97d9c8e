"""Counts what a workflow's history costs: events, workflow tasks, bytes, and what Temporal Cloud bills."""

import os
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent
from temporalio.converter import PayloadCodec

ENCODING = b"binary/encrypted"
NONCE_BYTES = 12
BILLED = (
    "workflow_execution_started",
    "workflow_execution_signaled",
    "workflow_execution_update_accepted",
    "timer_started",
    "upsert_workflow_search_attributes",
)


class SizeCodec(PayloadCodec):
    """Compresses and encrypts payloads, as a shop's codec does, with a key that nobody keeps."""

    def __init__(self) -> None:
        self._cipher = AESGCM(AESGCM.generate_key(256))

    async def encode(self, payloads: Iterable[Payload]) -> list[Payload]:
        """Return encrypted payloads."""
        return [self._sealed(payload) for payload in payloads]

    async def decode(self, payloads: Iterable[Payload]) -> list[Payload]:
        """Return the payloads as they were; those of others unchanged."""
        return [self._opened(one) if one.metadata.get("encoding") == ENCODING else one for one in payloads]

    def _sealed(self, payload: Payload) -> Payload:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, zlib.compress(payload.SerializeToString()), None)
        return Payload(metadata={"encoding": ENCODING}, data=nonce + sealed)

    def _opened(self, payload: Payload) -> Payload:
        nonce, sealed = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        return Payload.FromString(zlib.decompress(self._cipher.decrypt(nonce, sealed, None)))


def kind(event: HistoryEvent) -> str:
    """Return the kind of an event, such as `timer_started`."""
    return str(event.WhichOneof("attributes")).removesuffix("_event_attributes")


def workflow_tasks(events: Sequence[HistoryEvent]) -> int:
    """Return the number of workflow tasks."""
    return sum(kind(event) == "workflow_task_completed" for event in events)


def size(events: Sequence[HistoryEvent]) -> int:
    """Return the bytes of the events."""
    return sum(event.ByteSize() for event in events)


def actions(events: Sequence[HistoryEvent], heartbeats: int = 0) -> int:
    """Return the actions that Temporal Cloud bills. Heartbeats leave no event, so they are counted elsewhere.

    Search attributes that are set at the start are free.
    """
    kinds = Counter(map(kind, events))
    attempts = sum(
        event.activity_task_started_event_attributes.attempt
        for event in events
        if kind(event) == "activity_task_started"
    )
    return attempts + heartbeats + sum(kinds[name] for name in BILLED)
