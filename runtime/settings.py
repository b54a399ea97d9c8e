"""Every setting of Darkroom, read from the environment; built only in the roots."""

import json
import os
import re
import shlex
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self, get_args, get_origin
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from adapters.address import host, host_and_port, unusable, web_address
from adapters.db.address import usable
from domain.texts.catalogue import Language
from domain.vocabulary.costs import ModelPrices
from domain.vocabulary.mailbox import mailbox
from domain.vocabulary.rules import PriceList
from runtime import production

VERSION = "0.1.0"  # as pyproject.toml says; the image has no metadata of packages
ROOT = Path(__file__).parents[1]
# What the local stack keeps. A home of nobody stays as it is written, and the stack refuses it.
DATA = Path(os.path.expanduser(os.environ.get("DARKROOM_DATA") or ROOT / ".darkroom"))  # noqa: PTH111
DEVELOPMENT_SECRET = "darkroom-development"  # noqa: S105 - public: the stack makes up its own, `darkroom doctor` names it where it is used
PROVIDERS = ("gemini", "seedream", "local")
QUEUES = ("orders", "images", "staff")
# Where compose and the like mount secrets: a file `link_secret` in there is LINK_SECRET.
SECRETS_DIR = Path(os.environ.get("SECRETS_DIR") or "/run/secrets")


CATALOGUES = {"zh": "phrases.toml", "en": "phrases.en.toml"}


class Settings(BaseSettings):
    """Settings by environment variable, `.env`, the address file of a local stack, or files of secrets."""

    model_config = SettingsConfigDict(
        env_file=(DATA / "stack.env", ROOT / ".env"),
        secrets_dir=SECRETS_DIR if SECRETS_DIR.is_dir() else None,
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,  # an error is logged, and must not tell the secrets that it was found beside
    )

    # Where it runs
    environment: Literal["development", "production"] = Field(
        "development",
        description="In production a start is refused with settings that are for development only: public secrets, "
        "addresses of the local stack, http:// for customers. Each setting may also be a file of its name in "
        "SECRETS_DIR (/run/secrets unless that says otherwise), as compose mounts secrets.",
    )

    # Temporal
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

    # Postgres
    database_url: str = Field(
        "postgresql+asyncpg://darkroom@127.0.0.1:5433/darkroom",
        description="Records, such as postgres://user:password@host/database?sslmode=require.",
    )
    database_schema: str = Field("public", description="Schema of the tables.")

    # Object storage
    s3_endpoint_url: str | None = Field(
        "http://127.0.0.1:8333", description="Address of the S3 storage; empty for AWS itself."
    )
    s3_public_url: str | None = Field(
        None,
        description="Address under which browsers reach the S3 storage, where that is another one than "
        "S3_ENDPOINT_URL: download links are signed for it.",
    )
    s3_bucket_name: str = Field("darkroom", description="Private bucket of all pictures.")
    aws_region: str = Field("us-east-1", description="Region of the bucket.")
    aws_access_key_id: str = Field("darkroom", description="Key id for the bucket.")
    aws_secret_access_key: SecretStr = Field(SecretStr(DEVELOPMENT_SECRET), description="Secret key for the bucket.")

    uploads_kept_days: int = Field(
        14,
        description="Days until the storage forgets an upload; `darkroom storage setup` tells it so. An order copies "
        "what it wants at its first look; longer than any outage, and than a designer has for a question.",
        ge=3,
    )

    # Gateway
    gateway_port: int = Field(6060, description="Port the gateway listens on.", ge=0, le=65535)
    gateway_host: str = Field("127.0.0.1", description="Address the gateway listens on; 0.0.0.0 for all.")
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="Addresses or networks of reverse proxies, comma-separated, whose X-Forwarded-For is believed.",
    )
    gateway_url: str = Field("http://127.0.0.1:6060", description="How people and bots reach the gateway from outside.")
    link_secret: SecretStr = Field(SecretStr(DEVELOPMENT_SECRET), description="Signs our download links.")
    retired_link_secrets: SecretStr | None = Field(
        None, description="Earlier LINK_SECRETs, comma-separated: links that they signed still open."
    )
    payment_secrets: SecretStr | None = Field(
        None,
        description="Standard Webhooks secrets of the payment webhook, comma-separated: several while one is being "
        "exchanged. Without one it takes nothing.",
    )
    requests_per_minute: int = Field(600, description="Requests that one API key may send a minute.", gt=0)
    public_requests_per_minute: int = Field(
        300, description="Requests without an API key that one address may send a minute, refused keys too.", gt=0
    )
    connections_per_address: int = Field(
        500, description="Connections that one address may hold open at the gateway; TRUSTED_PROXIES any number.", gt=0
    )

    # Models
    gemini_api_key: SecretStr | None = Field(
        None, description="Key for Gemini. Without one the packaged local networks do the work, named `local`."
    )
    gemini_base_url: str | None = Field(None, description="Another address for Gemini, such as its simulator.")
    gemini_image_model: str = Field("gemini-3.1-flash-image", description="Gemini model that makes pictures.")
    gemini_strong_model: str = Field(
        "gemini-3-pro-image", description="Stronger Gemini model, for where the usual one is not good enough; or empty."
    )
    gemini_vision_model: str = Field("gemini-3.5-flash-lite", description="Gemini model that looks and scores.")
    gemini_timeout_seconds: float = Field(120, description="How long one Gemini call may take.", gt=0, le=180)
    ark_api_key: SecretStr | None = Field(None, description="Key for Seedream on Volcengine Ark, the other provider.")
    ark_base_url: str = Field("https://ark.cn-beijing.volces.com/api/v3", description="Address of Ark's API.")
    ark_image_model: str = Field(
        "doubao-seedream-4-0-250828", description="Seedream model that makes pictures, or an endpoint of yours."
    )
    ark_timeout_seconds: float = Field(120, description="How long one Seedream call may take.", gt=0, le=180)
    ark_pictures: int = Field(
        1, description="Pictures that one Seedream call may make, up to 4; each costs, the best is kept.", ge=1, le=4
    )
    image_providers: str = Field(
        "gemini,seedream",
        description="Providers of pictures, comma-separated, in the order they are asked: gemini, seedream, local. "
        "One without a key is left out; where none is left the packaged networks, `local`, do the work.",
    )
    picture_cost_limit: Decimal = Field(
        Decimal(10),
        description="What the attempts at one picture may cost before people decide, in the shop's currency.",
        gt=0,
    )
    model_prices: dict[str, ModelPrices] = Field(
        {},
        description='Prices of models as JSON, such as {"gemini-3-pro-image": {"currency": "USD", "input": 2, '
        '"text": 12, "image": 120}} by a million tokens, or {"picture": 0.2} by picture; the usual models have some.',
    )
    exchange_rates: dict[str, Annotated[Decimal, Field(gt=0)]] = Field(
        {"USD": Decimal("7.2")},
        description="What a unit of other currencies costs in the shop's, as JSON, for the costs of models.",
    )
    image_steps_per_minute: int = Field(
        600, description="Steps of the `images` queue, of all workers together, that may begin a minute.", gt=0
    )

    # Pictures
    max_upload_mb: int = Field(30, description="Largest picture file taken, in MB.", gt=0)
    max_megapixels: int = Field(50, description="Largest picture taken, in millions of pixels.", gt=0)
    imaging_processes: int = Field(2, description="Child processes that work on pictures at the same time.", gt=0)
    imaging_memory_mb: int = Field(3000, description="Memory one picture process may take, in MB.", gt=0)
    imaging_cpu_seconds: int = Field(
        120,
        description="CPU time that one step on a picture may take, in seconds (proving an upload: a sixth of it). What "
        "takes longer is refused for good, as what passes the memory is.",
        gt=5,
    )
    preview_watermark: str = Field("预览 PREVIEW", description="Words laid over previews; empty for none.")
    private_picture_hosts: str = Field(
        "",
        description="Hosts (name:port, comma-separated) on private addresses that pictures may be fetched from. "
        "Empty in production: only public addresses are fetched.",
    )

    # Chat bot
    bot_url: str = Field("http://127.0.0.1:6070/bot", description="Where the chat bot takes /messages and /hints.")
    bot_secret: SecretStr = Field(
        SecretStr("whsec_ZGFya3Jvb20tZGV2ZWxvcG1lbnQ="),
        description="Standard Webhooks secret for what the bot is sent.",
    )

    # Staff
    wechat_webhook: SecretStr | None = Field(
        None, description="Webhook of the WeCom group robot that tells staff; without one notices are only logged."
    )

    # Designers
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

    # E-mail
    smtp_host: str = Field("127.0.0.1", description="Mail server.")
    smtp_port: int = Field(1025, description="Port of the mail server.", ge=0, le=65535)
    smtp_security: Literal["none", "starttls", "tls"] = Field("none", description="How the mail connection is secured.")
    smtp_username: str | None = Field(None, description="Login at the mail server, where it wants one.")
    smtp_password: SecretStr | None = Field(None, description="Password at the mail server.")
    mail_from: str = Field("Darkroom <orders@darkroom.example>", description="Sender of the letters.")
    mail_attachment_limit_mb: int = Field(18, description="Above this only a link is mailed, in MB.", gt=0)

    # The local stack
    simulators_url: str | None = Field(
        None, description="Where the local stack's stand-ins for the outside world are looked into."
    )

    # The shop's rules
    staff_language: Language = Field(
        "zh", description="What staff read in the Temporal Web UI, in messages and in records: zh or en."
    )
    shop_timezone: str = Field("Asia/Shanghai", description="Time zone that people are shown.")
    prices: PriceList = Field(
        PriceList(),
        description="Price table as JSON: by complexity, for much text, surcharges; what is left out stays.",
    )
    shop_name: str = Field("修图小店", description="How the shop calls itself in letters.", min_length=1, max_length=60)
    phrases_path: Path = Field(
        ROOT / "phrases.toml",
        description="Every text that customers see; phrases.en.toml is the same in English.",
    )
    shop_language: Language = Field("zh", description="Language of PHRASES_PATH: zh or en.")
    image_module_enabled: bool = Field(
        True,
        description="Whether the machine makes pictures by itself; off, paid orders wait for staff.",
    )
    quality_threshold: int = Field(70, description="Score from which a result passes the quality check.", ge=0, le=100)
    max_attempts: int = Field(3, description="Attempts in one round of a picture.", ge=1)
    free_revisions: int = Field(3, description="Revision rounds of a picture that cost nothing.", ge=0)
    words_pause_seconds: float = Field(
        3,
        description="Seconds without a word of a customer, until what they wrote is read as one text; 0: at once.",
        ge=0,
        le=4,  # a caller waits ten seconds for an answer
    )
    shop_opens_at: int = Field(9, description="Hour at which somebody is there.", ge=0, le=23)
    shop_closes_at: int = Field(23, description="Hour from which nobody is there.", ge=1, le=24)
    review_minutes: float = Field(30, description="Minutes of shop hours that staff have to judge a high risk.", ge=0)
    hold_minutes: float = Field(30, description="Minutes of shop hours that staff have to look at a payment.", ge=0)
    designer_lease_minutes: float = Field(
        15,
        description="Minutes of shop hours a designer has to accept a task before another one gets it; only where "
        "TUHUI_ACCEPTED_STATUS is set.",
        gt=0,
    )
    designer_deadline_hours: float = Field(
        4, description="Shop hours until staff are told that a designer is late.", gt=0
    )
    designer_give_up_hours: float = Field(
        24,
        description="Shop hours until a designer's picture counts as failed; more than DESIGNER_DEADLINE_HOURS.",
        gt=0,
    )
    payment_reminder_hours: tuple[float, ...] = Field(
        (2, 24), description="Hours after a quote at which an unpaid order is reminded, as JSON."
    )
    expiry_hours: float = Field(72, description="Hours after which an unpaid order expires.", gt=0)
    word_reminder_hours: float = Field(24, description="Hours after a preview at which its customer is reminded.", gt=0)
    silence_days: float = Field(7, description="Days of silence after a preview that count as a yes.", gt=0)
    start_told: bool = Field(True, description="Whether customers hear that their money came and the work begins.")
    preview_order_seconds: float = Field(
        20,
        description="Seconds that a preview waits for those of earlier pictures of its order; 0 shows each at once.",
        ge=0,
    )
    shipping_hours: float = Field(48, description="Hours after payment until the platform wants it shipped.", gt=0)
    shipping_reminder_hours: float = Field(12, description="Hours before that at which staff are reminded.", ge=0)
    aftercare_days: float = Field(15, description="Days an order stays open after its end.", ge=0)

    # This process
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level that is logged.")
    log_format: Literal["console", "json"] = Field("console", description="How log lines look.")
    image_concurrency: int = Field(2, description="Activities of the `images` queue one worker runs at once.", gt=0)
    workflow_cache: int = Field(
        2000, description="Orders one worker keeps in memory; others replay when heard of.", gt=0
    )
    worker_queues: str = Field(
        "orders,images,staff",
        description="Task queues that this worker works on, comma-separated: orders (the workflows, and quick steps), "
        "images, staff. Several workers may share them as they like, as long as each queue has one.",
    )
    worker_grace_seconds: float = Field(
        25, description="What running steps get to finish when a worker is told to stop; then others go on.", ge=0
    )
    worker_health_port: int = Field(0, description="Port of the worker's health page; 0 for none.", ge=0, le=65535)
    worker_health_host: str = Field(
        "127.0.0.1", description="Address the worker's health page listens on; 0.0.0.0 for all, as in a container."
    )

    @property
    def temporal_env(self) -> dict[str, str]:
        """What is said of the way to Temporal, as variables of `temporalio.envconfig`; it knows a few more than we."""
        ours = {name for name in type(self).model_fields if name.startswith("temporal_")}
        others = {name: value for name, value in os.environ.items() if name.startswith("TEMPORAL_")}
        said = {name.upper(): _word(getattr(self, name)) for name in ours & self.model_fields_set}
        env = {name: value for name, value in others.items() if name.lower() not in ours}
        return env | {name: value for name, value in said.items() if value}

    @property
    def providers(self) -> list[str]:
        """The names in IMAGE_PROVIDERS."""
        return listed(self.image_providers)

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, url: str) -> str:
        return usable(url)

    @field_validator("bot_url", "gateway_url", "temporal_ui_url", "ark_base_url")
    @classmethod
    def _is_on_the_web(cls, url: str) -> str:
        return web_address(url)

    @field_validator("s3_endpoint_url", "s3_public_url", "gemini_base_url", "tuhui_url", "simulators_url")
    @classmethod
    def _is_on_the_web_or_nowhere(cls, url: str | None) -> str | None:
        return web_address(url) if url else url

    @field_validator("wechat_webhook")
    @classmethod
    def _robot_is_on_the_web_or_nowhere(cls, url: SecretStr | None) -> SecretStr | None:
        return SecretStr(web_address(url.get_secret_value(), whole=True)) if url and url.get_secret_value() else url

    @field_validator("temporal_address")
    @classmethod
    def _is_a_host_and_a_port(cls, address: str) -> str:
        return host_and_port(address)

    @field_validator("smtp_host")
    @classmethod
    def _is_a_host(cls, name: str) -> str:
        return host(name)

    @field_validator("shop_timezone")
    @classmethod
    def _zone_is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("is no time zone, such as Asia/Shanghai") from None
        return name

    @field_validator("phrases_path")
    @classmethod
    def _texts_can_be_read(cls, path: Path) -> Path:
        try:
            tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:  # a TOML error is a ValueError
            raise ValueError(f"{path} cannot be read: {error}") from error
        return path

    @field_validator("image_providers")
    @classmethod
    def _providers_are_known(cls, names: str) -> str:
        unknown = set(listed(names)) - set(PROVIDERS)
        if unknown:
            raise ValueError(f"IMAGE_PROVIDERS: {', '.join(sorted(unknown))} is none of {', '.join(PROVIDERS)}")
        return names

    @property
    def staff_phrases_path(self) -> Path:
        """What staff and designers read: the shop's own texts, in English those that come with Darkroom."""
        return (
            self.phrases_path if self.staff_language == self.shop_language else ROOT / CATALOGUES[self.staff_language]
        )

    @property
    def queues(self) -> list[str]:
        """The names in WORKER_QUEUES, each once."""
        return list(dict.fromkeys(listed(self.worker_queues)))

    @field_validator("worker_queues")
    @classmethod
    def _queues_are_known(cls, names: str) -> str:
        if not listed(names) or (unknown := set(listed(names)) - set(QUEUES)):
            which = f"{', '.join(sorted(unknown))} is none of" if listed(names) else "some of"
            raise ValueError(f"WORKER_QUEUES: {which} {', '.join(QUEUES)}")
        return names

    @field_validator("payment_secrets")
    @classmethod
    def _secrets_of_webhooks_are_readable(cls, secrets: SecretStr | None) -> SecretStr | None:
        """An unreadable one would refuse every payment, and nobody would know why."""
        if secrets is None or not secrets.get_secret_value().strip():
            return None
        if not all(map(_is_webhook_secret, secrets.get_secret_value().split(","))):
            raise ValueError("PAYMENT_SECRETS: each is `whsec_` and base64, with commas between them")
        return secrets

    @field_validator("mail_from")
    @classmethod
    def _sender_is_an_address(cls, sender: str) -> str:
        try:
            mailbox(sender)
        except ValueError as error:
            raise ValueError(f"MAIL_FROM: {error}") from error
        return sender

    @field_validator("bot_secret")
    @classmethod
    def _bot_secret_signs(cls, secret: SecretStr) -> SecretStr:
        if secret.get_secret_value() and not _is_webhook_secret(secret.get_secret_value()):
            raise ValueError("BOT_SECRET: it is `whsec_` and base64")
        return secret

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

    @model_validator(mode="after")
    def _settings_agree(self) -> Self:
        """Tell all that is wrong at once: a start that fails once for each fault tries everybody's patience."""
        wrong = [*self._contradictions()]
        if self.environment == "production":
            wrong += [f"in production: {fault}" for fault in production.faults(self)]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def _contradictions(self) -> Iterator[str]:
        yield from unusable(os.environ)
        if self.tuhui_url and not self.tuhui_api_key:
            yield "TUHUI_URL is set without TUHUI_API_KEY"
        late, lost = self.designer_deadline_hours, self.designer_give_up_hours
        if late >= lost:
            yield f"DESIGNER_GIVE_UP_HOURS ({lost:g}) must be more than DESIGNER_DEADLINE_HOURS ({late:g})"
        opens, closes = self.shop_opens_at, self.shop_closes_at
        if opens >= closes:
            yield f"SHOP_OPENS_AT ({opens}) must be before SHOP_CLOSES_AT ({closes})"


def _is_webhook_secret(secret: str) -> bool:
    try:
        Webhook(secret.strip())
    except (ValueError, EmptyWebhookSecretError):
        return False
    return True


def read_settings() -> Settings:
    """Return the settings; where they are wrong, end the process with a sentence that names each field."""
    try:
        return Settings()
    except (ValidationError, SettingsError) as error:
        sys.exit(f"darkroom: wrong settings: {refusal(error)}")


def refusal(error: ValidationError | SettingsError) -> str:
    """Return what is wrong with settings or input: the fields and no values, which may be secret."""
    if isinstance(error, SettingsError):  # it names the field in its words alone
        named = re.search(r'field "(\w+)"', str(error))
        return _fault(named[1].upper() if named else "", "is no JSON, in quotes where a shell reads it")
    return "; ".join(_fault(".".join(map(str, fault["loc"])).upper(), fault["msg"]) for fault in error.errors())


def _fault(field: str, message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message if not field or message.startswith(field) else f"{field}: {message}"


def listed(setting: str | None) -> list[str]:
    """Return the words of a setting that has commas between them."""
    return [word.strip() for word in (setting or "").split(",") if word.strip()]


def _word(value: SecretStr | str | bool | float | None) -> str:
    plain = value.get_secret_value() if isinstance(value, SecretStr) else value
    return "" if plain is None else str(plain).lower() if isinstance(plain, bool) else str(plain)


def env_example() -> str:
    """Return the text of `.env.example`: every setting, what it is for, and what it is when nothing is set."""
    head = (
        "# Made from runtime/settings.py by `make env-example`. Copy it to .env and uncomment what you change.\n"
        "# docker-compose.yml reads .env too, and wants passwords besides: its first lines name them.\n"
    )
    return "\n".join([head, *(_entry(name, field) for name, field in Settings.model_fields.items())])


def _entry(name: str, field: FieldInfo) -> str:
    about = [field.description or ""]
    if get_origin(field.annotation) is Literal:
        about.append(f"One of: {', '.join(get_args(field.annotation))}.")
    if is_secret := SecretStr in (field.annotation, *get_args(field.annotation)):
        about.append("A secret; its default is public, for development only." if field.default else "A secret.")
    shown = field.default.model_dump_json() if isinstance(field.default, BaseModel) else str(field.default)
    if isinstance(field.default, (tuple, bool, dict)):
        shown = json.dumps(field.default, default=str)
    default = "" if is_secret or field.default is None else shown.removeprefix(f"{ROOT}{os.sep}")
    comment = textwrap.fill(" ".join(about), 120, initial_indent="# ", subsequent_indent="# ")
    return f"{comment}\n#{name.upper()}={default and shlex.quote(default)}\n"


if __name__ == "__main__":
    print(env_example(), end="")
