"""Settings of the connection to Temporal."""

import os

from pydantic import BaseModel, Field, SecretStr, field_validator

from adapters.address import host_and_port
from runtime.setting_words import plain
from starter.codec import keys_from


class TemporalSettings(BaseModel):
    """Connection to Temporal, and retention of finished orders."""

    temporal_address: str = Field("127.0.0.1:7233", description="Host and port of the Temporal server.")
    temporal_namespace: str = Field("default", description="Temporal namespace of the orders.")
    temporal_retention_days: int = Field(
        30, description="Retention of finished orders in days; applied by `darkroom temporal setup`.", gt=0
    )
    temporal_profile: str | None = Field(
        None,
        description="Profile in a Temporal client configuration file, which can hold all settings of this group. "
        "Settings made here override it.",
    )
    temporal_config_file: str | None = Field(
        None, description="Path of that file. It is read only if this or TEMPORAL_PROFILE is set."
    )
    temporal_api_key: SecretStr | None = Field(None, description="API key, e.g. for Temporal Cloud; enables TLS.")
    temporal_tls: bool | None = Field(
        None, description="Whether to use TLS; set it to true for TLS without a client certificate."
    )
    temporal_tls_client_cert_path: str | None = Field(
        None, description="Client certificate file, for a server that requires one (mTLS)."
    )
    temporal_tls_client_key_path: str | None = Field(None, description="Private key file of the client certificate.")
    temporal_tls_server_ca_cert_path: str | None = Field(
        None, description="CA certificate file, if the server's certificate is signed by a private CA."
    )
    temporal_tls_server_name: str | None = Field(
        None, description="Name in the server's certificate, if it differs from TEMPORAL_ADDRESS."
    )
    payload_keys: SecretStr | None = Field(
        None,
        description="Keys that encrypt what Temporal stores (inputs, results, messages, failures), as ID:KEY with a "
        "KEY of `openssl rand -hex 32`, comma-separated. The first one encrypts, all decrypt; `clear` in the first "
        "place encrypts nothing. See docs/operations.md before you change them.",
    )
    temporal_ui_url: str = Field("http://127.0.0.1:8233", description="URL of the Temporal Web UI, for links.")

    @property
    def keys_of_payloads(self) -> dict[str, bytes]:
        """The keys in PAYLOAD_KEYS by id, the one that encrypts first."""
        return keys_from(self.payload_keys.get_secret_value()) if self.payload_keys else {}

    @property
    def temporal_env(self) -> dict[str, str]:
        """The connection settings as variables of `temporalio.envconfig`, plus those it reads by itself."""
        ours = {name for name in type(self).model_fields if name.startswith("temporal_")}
        others = {name: value for name, value in os.environ.items() if name.startswith("TEMPORAL_")}
        said = {name.upper(): plain(getattr(self, name)) for name in ours & self.model_fields_set}
        env = {name: value for name, value in others.items() if name.lower() not in ours}
        return env | {name: value for name, value in said.items() if value}

    @field_validator("payload_keys")
    @classmethod
    def _keys_are_keys(cls, keys: SecretStr | None) -> SecretStr | None:
        try:
            keys_from(keys.get_secret_value() if keys else "")
        except ValueError as error:
            raise ValueError(f"PAYLOAD_KEYS: {error}") from None
        return keys

    @field_validator("temporal_address")
    @classmethod
    def _is_a_host_and_a_port(cls, address: str) -> str:
        return host_and_port(address)
