"""How Temporal is reached."""

import os

from pydantic import BaseModel, Field, SecretStr, field_validator

from adapters.address import host_and_port
from runtime.setting_words import plain


class TemporalSettings(BaseModel):
    """How Temporal is reached, and how long it keeps finished orders."""

    temporal_address: str = Field("127.0.0.1:7233", description="Address of the Temporal server.")
    temporal_namespace: str = Field("default", description="Namespace the orders live in.")
    temporal_retention_days: int = Field(
        30, description="Days that Temporal keeps finished orders; `darkroom temporal setup` tells it so.", gt=0
    )
    temporal_profile: str | None = Field(
        None,
        description="Profile of a Temporal client configuration file, which may say all of this group. What is set "
        "here wins over it.",
    )
    temporal_config_file: str | None = Field(
        None, description="That file. It is read only where this or TEMPORAL_PROFILE is set."
    )
    temporal_api_key: SecretStr | None = Field(
        None, description="API key, as for Temporal Cloud; the connection has TLS then."
    )
    temporal_tls: bool | None = Field(
        None, description="Whether the connection has TLS: true also where no certificate of ours is asked for."
    )
    temporal_tls_client_cert_path: str | None = Field(
        None, description="File of our certificate, for a server that asks for one (mTLS)."
    )
    temporal_tls_client_key_path: str | None = Field(None, description="File of that certificate's private key.")
    temporal_tls_server_ca_cert_path: str | None = Field(
        None, description="File of the authority that has signed the server's certificate, where it is your own."
    )
    temporal_tls_server_name: str | None = Field(
        None, description="Name in the server's certificate, where it is not the one in TEMPORAL_ADDRESS."
    )
    temporal_ui_url: str = Field("http://127.0.0.1:8233", description="Where people open the Temporal Web UI.")

    @property
    def temporal_env(self) -> dict[str, str]:
        """What is said of the way to Temporal, as variables of `temporalio.envconfig`; it knows a few more than we."""
        ours = {name for name in type(self).model_fields if name.startswith("temporal_")}
        others = {name: value for name, value in os.environ.items() if name.startswith("TEMPORAL_")}
        said = {name.upper(): plain(getattr(self, name)) for name in ours & self.model_fields_set}
        env = {name: value for name, value in others.items() if name.lower() not in ours}
        return env | {name: value for name, value in said.items() if value}

    @field_validator("temporal_address")
    @classmethod
    def _is_a_host_and_a_port(cls, address: str) -> str:
        return host_and_port(address)
