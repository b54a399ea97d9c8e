"""Those whom Darkroom talks to: the chat bot, staff, designers, customers by e-mail."""

from typing import Literal

from pydantic import BaseModel, Field, SecretStr, field_validator

from adapters.address import host, web_address
from domain.vocabulary.mailbox import mailbox
from runtime.setting_words import is_webhook_secret, listed


class BotSettings(BaseModel):
    """The chat bot of the shop."""

    bot_url: str = Field("http://127.0.0.1:6070/bot", description="Where the chat bot takes /messages and /hints.")
    bot_secret: SecretStr = Field(
        SecretStr("whsec_ZGFya3Jvb20tZGV2ZWxvcG1lbnQ="),
        description="Standard Webhooks secret for what the bot is sent.",
    )

    @field_validator("bot_secret")
    @classmethod
    def _bot_secret_signs(cls, secret: SecretStr) -> SecretStr:
        if secret.get_secret_value() and not is_webhook_secret(secret.get_secret_value()):
            raise ValueError("BOT_SECRET: it is `whsec_` and base64")
        return secret


class StaffSettings(BaseModel):
    """The group chat of staff."""

    wechat_webhook: SecretStr | None = Field(
        None, description="Webhook of the WeCom group robot that tells staff; without one notices are only logged."
    )

    @field_validator("wechat_webhook")
    @classmethod
    def _robot_is_on_the_web_or_nowhere(cls, url: SecretStr | None) -> SecretStr | None:
        return SecretStr(web_address(url.get_secret_value(), whole=True)) if url and url.get_secret_value() else url


class DesignerSettings(BaseModel):
    """Tuhui, the dispatch system of human designers."""

    tuhui_url: str | None = Field(
        None,
        description="Address of the dispatch system Tuhui. Without it staff's group is told of work for designers, "
        "and pictures are handed in by hand.",
    )
    tuhui_api_key: SecretStr | None = Field(None, description="Key for Tuhui.")
    tuhui_finished_status: str = Field(
        "completed", description="Statuses of a task at Tuhui that mean it is done, comma-separated."
    )
    tuhui_accepted_status: str | None = Field(
        None,
        description="Statuses that mean a designer has accepted, comma-separated. Without one nobody loses a task "
        "again that they were given.",
    )
    tuhui_result_field: str | None = Field(
        None,
        description="Field of a task that holds the result's address; `result.url` is one within another. Without it "
        "pictures are handed in by hand.",
    )
    tuhui_cancel_path: str | None = Field(
        None,
        description="Path by which Tuhui cancels a task, such as /tasks/{id}/cancel. Without it a task that is "
        "cancelled here is completed there.",
    )
    tuhui_poll_seconds: float = Field(
        15, description="Seconds until a task is looked at again; more and more the longer it takes.", gt=0
    )

    @field_validator("tuhui_finished_status")
    @classmethod
    def _something_means_finished(cls, statuses: str) -> str:
        if not listed(statuses):
            raise ValueError("TUHUI_FINISHED_STATUS: without a status no task would ever be done")
        return statuses

    @field_validator("tuhui_cancel_path")
    @classmethod
    def _path_names_the_task(cls, path: str | None) -> str | None:
        if path and not (path.startswith("/") and "{id}" in path):
            raise ValueError("TUHUI_CANCEL_PATH: it begins with / and has {id} where the task's id belongs")
        return path


class MailSettings(BaseModel):
    """The mail server."""

    smtp_host: str = Field("127.0.0.1", description="Mail server.")
    smtp_port: int = Field(1025, description="Port of the mail server.", ge=0, le=65535)
    smtp_security: Literal["none", "starttls", "tls"] = Field("none", description="How the mail connection is secured.")
    smtp_username: str | None = Field(None, description="Login at the mail server, where it wants one.")
    smtp_password: SecretStr | None = Field(None, description="Password at the mail server.")
    mail_from: str = Field("Darkroom <orders@darkroom.example>", description="Sender of the letters.")
    mail_attachment_limit_mb: int = Field(18, description="Above this only a link is mailed, in MB.", gt=0)

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
