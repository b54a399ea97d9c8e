"""Connects to Temporal, with the data converter that clients and workers share."""

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
from temporalio.runtime import Runtime
from temporalio.service import GrpcCompression

from starter.codec import EncryptionCodec, Keys


class LenientJSON(PydanticJSONPlainPayloadConverter):
    """JSON payloads; invalid JSON is passed on as text where any type is accepted, so that it can be recorded."""

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        """Return the value. Raises pydantic's ValidationError if a type is given and the payload does not match it."""
        try:
            return super().from_payload(payload, type_hint)
        except ValueError:  # pydantic's ValidationError is one
            if type_hint in (None, Any):
                return payload.data.decode(errors="replace")
            raise


class LenientConverter(CompositePayloadConverter):
    """Accepts any payload: one that cannot be decoded is passed on as text instead of being dropped."""

    def __init__(self) -> None:
        usual = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(*(one if not isinstance(one, JSONPlainPayloadConverter) else LenientJSON() for one in usual))

    def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type] | None = None) -> list[Any]:
        """Return the values, decoded one by one. Raises if a type is given and the payload does not match it."""
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
    """Omits stack trace and cause of benign errors, such as a poll that came too early; the Web UI shows the rest."""

    def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
        """Fill `failure` from an exception."""
        if isinstance(exception, ApplicationError) and exception.category is ApplicationErrorCategory.BENIGN:
            exception = _without_stack(exception)
        super().to_failure(exception, payload_converter, failure)


def _without_stack(error: ApplicationError) -> ApplicationError:
    return ApplicationError(
        error.message,
        *error.details,
        type=error.type,
        non_retryable=error.non_retryable,
        next_retry_delay=error.next_retry_delay,
        category=error.category,
    )


class EncodedFailureConverter(QuietFailureConverter):
    """Moves message and stack trace to where a codec encrypts them: errors quote what customers wrote."""

    def __init__(self) -> None:
        super().__init__(encode_common_attributes=True)


CONVERTER = DataConverter(payload_converter_class=LenientConverter, failure_converter_class=QuietFailureConverter)


def converter_with(keys: Keys) -> DataConverter:
    """Return the converter that encrypts with these keys; without any, the one that encrypts nothing."""
    if not keys:
        return CONVERTER
    return DataConverter(
        payload_converter_class=LenientConverter,
        failure_converter_class=EncodedFailureConverter,
        payload_codec=EncryptionCodec(keys),
    )


THIS_MACHINE = ("127.0.0.1:", "localhost:")


class InvalidConnection(RuntimeError):
    """The settings of the connection to Temporal contradict each other."""


@dataclass(frozen=True)
class TemporalConnection:
    """How Temporal is reached: address, namespace, credentials (TLS, certificates, API key) and keys of payloads."""

    address: str
    namespace: str
    credentials: ClientConnectConfig = field(default_factory=ClientConnectConfig, repr=False)
    payload_keys: Keys = field(default_factory=dict, repr=False)

    @property
    def is_encrypted(self) -> bool:
        """Whether the connection uses TLS."""
        return bool(self.credentials.get("tls"))

    async def connect(self, runtime: Runtime | None = None) -> Client:
        """Return a connected client, whose metrics go to this runtime. Raises RuntimeError if no server takes us.

        A server without TLS is on our own network, where compressing costs more than it saves.
        """
        options: dict[str, Any] = {**self.credentials, "target_host": self.address, "namespace": self.namespace}
        compression = GrpcCompression.GZIP if self.is_encrypted else GrpcCompression.NONE
        converter = converter_with(self.payload_keys)
        return await Client.connect(**options, data_converter=converter, grpc_compression=compression, runtime=runtime)


def connection_from(env: Mapping[str, str], address: str, namespace: str, payload_keys: Keys) -> TemporalConnection:
    """Return the connection that the variables of `temporalio.envconfig` describe.

    `address` and `namespace` are the defaults. A file of profiles is read only where the variables name it or a
    profile: a file in the user's home, kept for other work, must not redirect us. Raises InvalidConnection.
    """
    file, profile = env.get("TEMPORAL_CONFIG_FILE"), env.get("TEMPORAL_PROFILE")
    if file and not Path(file).is_file():
        raise InvalidConnection(f"TEMPORAL_CONFIG_FILE: not found: {file}")
    try:
        found = ClientConfigProfile.load(
            profile or None, disable_file=not (file or profile), config_file_strict=True, override_env_vars=env
        )
        credentials = found.to_client_connect_config()
    except OSError as error:
        raise InvalidConnection(f"TEMPORAL_TLS_...: cannot read a certificate: {error}") from error
    except Exception as error:  # the SDK does not export the class of this error
        raise InvalidConnection(f"TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE: {error}") from error
    return TemporalConnection(
        credentials.pop("target_host", address),
        credentials.pop("namespace", namespace),
        credentials,
        payload_keys,
    )


async def reach(connection: TemporalConnection) -> Client:
    """Return a connected client. Raises ConnectionError with a readable reason if that fails."""
    try:
        return await connection.connect()
    except RuntimeError as error:
        if connection.address.startswith(THIS_MACHINE):
            raise ConnectionError(f"no Temporal server answers at {connection.address}") from error
        reasons = re.findall(r'"([^"]+)"', str(error))  # the rest is internals of the SDK's Rust core
        raise ConnectionError(
            f"cannot connect to Temporal at {connection.address}: {': '.join(reasons) or error}"
        ) from error


async def connect(address: str, namespace: str) -> Client:
    """Return a client of a server without TLS or credentials, such as the local one. Raises RuntimeError."""
    return await TemporalConnection(address, namespace).connect()
