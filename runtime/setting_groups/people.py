"""Settings of the chat bot, the staff chat, the designers' dispatch system, and mail."""

from typing import Literal

from pydantic import BaseModel, Field, SecretStr, field_validator

from adapters.address import host, web_address
from domain.vocabulary.mailbox import mailbox
from runtime.setting_words import is_webhook_secret, listed


class BotSettings(BaseModel):
    """The shop's chat bot."""

    bot_url: str = Field(
        "http://127.0.0.1:6070/bot", description="Base URL of the chat bot, which accepts POST /messages and /hints."
    )
    bot_secret: SecretStr = Field(
        SecretStr("whsec_ZGFya3Jvb20tZGV2ZWxvcG1lbnQ="),
        description="Standard Webhooks secret that signs requests to the bot.",
    )

    @field_validator("bot_secret")
    @classmethod
    def _bot_secret_signs(cls, secret: SecretStr) -> SecretStr:
        if secret.get_secret_value() and not is_webhook_secret(secret.get_secret_value()):
            raise ValueError("BOT_SECRET: expected `whsec_` plus base64")
        return secret


class StaffSettings(BaseModel):
    """The group chat of staff."""

    wechat_webhook: SecretStr | None = Field(
        None, description="Webhook of the WeCom group robot that notifies staff. Without it notices are only logged."
    )

    @field_validator("wechat_webhook")
    @classmethod
    def _robot_is_on_the_web_or_nowhere(cls, url: SecretStr | None) -> SecretStr | None:
        return SecretStr(web_address(url.get_secret_value(), whole=True)) if url and url.get_secret_value() else url


class DesignerSettings(BaseModel):
    """Tuhui, the dispatch system of human designers."""

    tuhui_url: str | None = Field(
        None,
        description="URL of the dispatch system Tuhui. Without it work for designers is announced in the staff group, "
        "and results are submitted by hand.",
    )
    tuhui_api_key: SecretStr | None = Field(None, description="API key for Tuhui.")
    tuhui_finished_status: str = Field(
        "completed", description="Tuhui statuses that mean a task is done, comma-separated."
    )
    tuhui_accepted_status: str | None = Field(
        None,
        description="Tuhui statuses that mean a designer has accepted a task, comma-separated. Without it an assigned "
        "task is never given to another designer.",
    )
    tuhui_result_field: str | None = Field(
        None,
        description="Field of a Tuhui task with the URL of the result; `result.url` is a nested field. Without it "
        "results are submitted by hand.",
    )
    tuhui_cancel_path: str | None = Field(
        None,
        description="Path that cancels a Tuhui task, e.g. /tasks/{id}/cancel. Without it a task cancelled here is "
        "completed there.",
    )
    tuhui_poll_seconds: float = Field(
        15,
        description="Seconds until a task's status is polled again; the interval grows with the age of the task.",
        gt=0,
    )

    @field_validator("tuhui_finished_status")
    @classmethod
    def _something_means_finished(cls, statuses: str) -> str:
        if not listed(statuses):
            raise ValueError("TUHUI_FINISHED_STATUS: must not be empty, or no task would ever finish")
        return statuses

    @field_validator("tuhui_cancel_path")
    @classmethod
    def _path_names_the_task(cls, path: str | None) -> str | None:
        if path and not (path.startswith("/") and "{id}" in path):
            raise ValueError("TUHUI_CANCEL_PATH: must start with / and contain {id}")
        return path


class MailSettings(BaseModel):
    """The mail server."""

    smtp_host: str = Field("127.0.0.1", description="Host of the mail server.")
    smtp_port: int = Field(1025, description="Port of the mail server.", ge=0, le=65535)
    smtp_security: Literal["none", "starttls", "tls"] = Field(
        "none", description="Encryption of the connection to the mail server."
    )
    smtp_username: str | None = Field(None, description="User name at the mail server, if it requires a login.")
    smtp_password: SecretStr | None = Field(None, description="Password at the mail server.")
    mail_from: str = Field("Darkroom <orders@darkroom.example>", description="Sender of e-mails.")
    mail_attachment_limit_mb: int = Field(
        18, description="Maximum size of attachments in MB; larger files are sent as links.", gt=0
    )

    @field_validator("smtp_host")
    @classmethod
    def _is_a_host(cls, name: str) -> str:
        return host(name)

    @field_validator("mail_from")
    @classmethod
    def _sender_is_an_address(cls, sender: str) -> str:
        try:
            mailbox(sender)
        except ValueError as error:
            raise ValueError(f"MAIL_FROM: {error}") from error
        return sender
