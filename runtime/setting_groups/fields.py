"""Combines the groups of settings into one class, and configures its sources."""

from pydantic import BaseModel, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from adapters.address import web_address
from runtime.paths import DATA, ROOT, SECRETS_DIR
from runtime.setting_groups.gateway import GatewaySettings
from runtime.setting_groups.models import ModelSettings
from runtime.setting_groups.people import BotSettings, DesignerSettings, MailSettings, StaffSettings
from runtime.setting_groups.pictures import PictureSettings
from runtime.setting_groups.process import LocalStackSettings, PlaceSettings, ProcessSettings
from runtime.setting_groups.retention import RetentionSettings
from runtime.setting_groups.shop import ShopSettings
from runtime.setting_groups.stores import PostgresSettings, StorageSettings
from runtime.setting_groups.task_history import TaskHistorySettings
from runtime.setting_groups.temporal import TemporalSettings


class SettingFields(
    PlaceSettings,
    TemporalSettings,
    PostgresSettings,
    StorageSettings,
    RetentionSettings,
    GatewaySettings,
    TaskHistorySettings,
    ModelSettings,
    PictureSettings,
    BotSettings,
    StaffSettings,
    DesignerSettings,
    MailSettings,
    LocalStackSettings,
    ShopSettings,
    ProcessSettings,
    BaseSettings,
):
    """Settings from environment variables, `.env`, the local stack's address file, or secret files."""

    model_config = SettingsConfigDict(
        env_file=(DATA / "stack.env", ROOT / ".env"),
        secrets_dir=SECRETS_DIR if SECRETS_DIR.is_dir() else None,
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,  # errors are logged, and must not reveal secrets
    )

    @field_validator("bot_url", "gateway_url", "temporal_ui_url", "ark_base_url")
    @classmethod
    def _is_on_the_web(cls, url: str) -> str:
        return web_address(url)

    @field_validator(
        "s3_endpoint_url", "s3_public_url", "token_jwks_url", "gemini_base_url", "tuhui_url", "simulators_url"
    )
    @classmethod
    def _is_on_the_web_or_nowhere(cls, url: str | None) -> str | None:
        return web_address(url) if url else url


# In the order of .env.example.
GROUPS: tuple[type[BaseModel], ...] = SettingFields.__bases__[:-1]
