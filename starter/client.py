"""Connecting to Temporal, with the converter that every party must share."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.client import Client
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultFailureConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
    PayloadConverter,
)
from temporalio.envconfig import ClientConfigProfile, ClientConnectConfig
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory


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


class QuietFailureConverter(DefaultFailureConverter):
    """Failures without the stack of what is no failure, such as a look that came too early: the Web UI shows them."""

    def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
        """Describe an exception to the server."""
        super().to_failure(exception, payload_converter, failure)
        if isinstance(exception, ApplicationError) and exception.category is ApplicationErrorCategory.BENIGN:
            failure.stack_trace = ""
            failure.ClearField("cause")


CONVERTER = DataConverter(payload_converter_class=LenientConverter, failure_converter_class=QuietFailureConverter)


THIS_MACHINE = ("127.0.0.1:", "localhost:")


class NoDoor(RuntimeError):
    """What is said of Temporal does not hold together."""


@dataclass(frozen=True)
class Door:
    """Where Temporal is, and what opens it there: nothing on this machine, else TLS, certificates or a key."""

    address: str
    namespace: str
    opened_by: ClientConnectConfig = field(default_factory=ClientConnectConfig, repr=False)

    @property
    def is_private(self) -> bool:
        """Whether nobody on the way can listen."""
        return bool(self.opened_by.get("tls"))

    async def connect(self) -> Client:
        """Return a client. Raises RuntimeError where no server answers, or lets us in."""
        said: dict[str, Any] = {**self.opened_by, "target_host": self.address, "namespace": self.namespace}
        return await Client.connect(**said, data_converter=CONVERTER)


def door(env: Mapping[str, str], address: str, namespace: str) -> Door:
    """Return the door that variables of `temporalio.envconfig` describe; address and namespace for want of others.

    A file of profiles is read where one is named, or a profile: what a person keeps for other work in their home
    must not lead us elsewhere. Raises NoDoor.
    """
    file, profile = env.get("TEMPORAL_CONFIG_FILE"), env.get("TEMPORAL_PROFILE")
    if file and not Path(file).is_file():
        raise NoDoor(f"TEMPORAL_CONFIG_FILE: there is no file {file}")
    try:
        found = ClientConfigProfile.load(
            profile or None, disable_file=not (file or profile), config_file_strict=True, override_env_vars=env
        )
        opened_by = found.to_client_connect_config()
    except OSError as error:
        raise NoDoor(f"a certificate of TEMPORAL_TLS_... cannot be read: {error}") from error
    except Exception as error:  # the bridge's own class, which it does not export
        raise NoDoor(f"TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE: {error}") from error
    return Door(opened_by.pop("target_host", address), opened_by.pop("namespace", namespace), opened_by)


async def reach(door: Door) -> Client:
    """Return a client. Raises ConnectionError, in a sentence, where no server answers or lets us in."""
    try:
        return await door.connect()
    except RuntimeError as error:
        if door.address.startswith(THIS_MACHINE):
            raise ConnectionError(f"no Temporal server answers at {door.address}") from error
        reasons = re.findall(r'"([^"]+)"', str(error))  # the SDK shows the inside of its Rust core
        raise ConnectionError(f"no way into Temporal at {door.address}: {': '.join(reasons) or error}") from error


async def connect(address: str, namespace: str) -> Client:
    """Return a client of a server that is open to all, as those on this machine are. Raises RuntimeError."""
    return await Door(address, namespace).connect()
