"""Connecting to Temporal, with the converter that every party must share."""

from collections.abc import Sequence
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
)


class LenientJSON(PydanticJSONPlainPayloadConverter):
    """JSON; what claims to be JSON and is not arrives as text where anything is taken, so that it can be recorded."""

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        """Return the value. Raises what pydantic raises where a certain type was promised."""
        try:
            return super().from_payload(payload, type_hint)
        except ValueError:  # pydantic's ValidationError is one
            if type_hint in (None, Any):
                return payload.data.decode(errors="replace")
            raise


class LenientConverter(CompositePayloadConverter):
    """Takes whatever strangers send: a payload that nothing can read arrives as text, instead of being dropped."""

    def __init__(self) -> None:
        usual = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(*(one if not isinstance(one, JSONPlainPayloadConverter) else LenientJSON() for one in usual))

    def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type] | None = None) -> list[Any]:
        """Return the values, each for itself. Raises where a certain type was promised and is not there."""
        hints = [*(type_hints or []), *[None] * len(payloads)]
        return [self._value(payload, hint) for payload, hint in zip(payloads, hints, strict=False)]

    def _value(self, payload: Payload, hint: type | None) -> Any:
        try:
            return super().from_payloads([payload], None if hint is None else [hint])[0]
        except (
            KeyError,
            RuntimeError,
            ValueError,
        ):  # an encoding that nobody knows, or bytes that are not what they claim to be
            if hint in (None, Any):
                return payload.data.decode(errors="replace")
            raise


CONVERTER = DataConverter(payload_converter_class=LenientConverter)


async def connect(address: str, namespace: str) -> Client:
    """Return a client. Raises RuntimeError where no server answers at the address."""
    return await Client.connect(address, namespace=namespace, data_converter=CONVERTER)
