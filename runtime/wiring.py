"""Builds adapters from the settings, for all entry points."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.bot import BotChat
from adapters.clamav import ClamAv
from adapters.db.engine import create_engine
from adapters.db.sessions import Sessions
from adapters.identity.jwks import SigningKeys, fetch_jwks
from adapters.identity.tokens import Tokens, Trust
from adapters.imaging.children import Children
from adapters.imaging.labels.credentials import Credentials
from adapters.imaging.limits import FINISHED_BYTES, Limits
from adapters.imaging.studio import Studio
from adapters.mail.smtp import SmtpMail
from adapters.storage.files import S3Files
from adapters.storage.links import DownloadLinks, ImageLinks
from adapters.tuhui.client import Tuhui, TuhuiOptions
from adapters.web import PublicWeb
from adapters.wecom import StaffLog, WeComRobot
from domain.designers.ports import Dispatch
from domain.ports import Staff
from domain.vocabulary import ids
from domain.vocabulary.mailbox import mailbox
from domain.vocabulary.rules import DesignerRules, ShopRules
from runtime.setting_words import listed
from runtime.settings import Settings
from starter.client import TemporalConnection, connection_from

MEGABYTE = 1_000_000


def temporal(settings: Settings) -> TemporalConnection:
    """Return the connection to Temporal, not yet opened. Raises InvalidConnection."""
    address, namespace = settings.temporal_address, settings.temporal_namespace
    return connection_from(settings.temporal_env, address, namespace, settings.keys_of_payloads)


def engine(settings: Settings) -> AsyncEngine:
    """Return the pool of database connections."""
    return create_engine(settings.database_url, settings.database_schema)


def links(settings: Settings) -> DownloadLinks:
    """Return the signer and verifier of download links."""
    retired = settings.retired_link_secrets
    older = [secret.strip() for secret in retired.get_secret_value().split(",")] if retired else []
    return DownloadLinks(settings.link_secret.get_secret_value(), settings.gateway_url, older)


def image_links(settings: Settings) -> ImageLinks:
    """Return the signer and verifier of links to users' images."""
    return ImageLinks(settings.link_secret.get_secret_value(), settings.gateway_url)


def tokens(settings: Settings) -> Tokens:
    """Return the verifier of end users' tokens, which also issues them if they are signed with TOKEN_SECRET."""
    trust = Trust(settings.token_algorithm, settings.token_issuer, settings.token_audience)
    if not settings.token_jwks_url:
        return Tokens(trust, secret=settings.token_secret.get_secret_value())
    fetch, algorithm = partial(fetch_jwks, settings.token_jwks_url), settings.token_algorithm
    keys = SigningKeys(fetch, algorithm, shortest_rsa=settings.token_rsa_bits)
    return Tokens(trust, keys.key)


def sessions(settings: Settings, engine: AsyncEngine) -> Sessions:
    """Return where users and staff are signed in."""
    longest, idle = timedelta(hours=settings.session_hours), timedelta(minutes=settings.session_idle_minutes)
    return Sessions(engine, longest=longest, idle=idle)


def files(settings: Settings) -> S3Files:
    """Return the bucket of all pictures."""
    return S3Files(
        bucket=settings.s3_bucket_name,
        access_key_id=settings.aws_access_key_id,
        secret_access_key=settings.aws_secret_access_key.get_secret_value(),
        region=settings.aws_region,
        endpoint_url=settings.s3_endpoint_url,
        public_url=settings.s3_public_url,
        links=links(settings),
    )


def limits(settings: Settings) -> Limits:
    """Return the size limits of pictures."""
    return Limits(max_bytes=settings.max_upload_mb * MEGABYTE, max_pixels=settings.max_megapixels * 1_000_000)


def children(settings: Settings, urgency: Callable[[], int] = lambda: 0) -> Children:
    """Return the pool of imaging processes; the step whose urgency is lowest gets the next free one."""
    return Children(settings.imaging_processes, settings.imaging_memory_mb, settings.imaging_cpu_seconds, urgency)


def studio(settings: Settings, workers: Children) -> Studio:
    """Return the imaging operations, which run in those processes."""
    producer = settings.label_producer or settings.shop_name
    scanner = ClamAv(settings.clamd_address) if settings.clamd_address else None
    return Studio(workers, limits(settings), settings.preview_watermark, producer, credentials(settings), scanner)


def credentials(settings: Settings) -> Credentials | None:
    """Return what files are signed with; None if no certificate is set."""
    if not (settings.c2pa_certificate and settings.c2pa_key):
        return None
    return Credentials(settings.c2pa_certificate.read_text(), settings.c2pa_key.read_text())


def web(settings: Settings) -> PublicWeb:
    """Return the fetcher of customers' pictures."""
    allowed = listed(settings.private_picture_hosts)
    most = settings.max_upload_mb * MEGABYTE
    return PublicWeb(max_bytes=most, private_hosts=allowed, most_finished=FINISHED_BYTES)


def chat(settings: Settings, client: httpx.AsyncClient) -> BotChat:
    """Return the client of the chat bot."""
    return BotChat(settings.bot_url, settings.bot_secret.get_secret_value(), client)


def staff(settings: Settings, client: httpx.AsyncClient) -> Staff:
    """Return the notifier of staff: their group's robot, or the log if none is set."""
    if not settings.wechat_webhook:
        return StaffLog()
    return WeComRobot(settings.wechat_webhook.get_secret_value(), client)


def dispatch(settings: Settings, client: httpx.AsyncClient) -> Dispatch | None:
    """Return the client of the dispatch system for designers; None if there is none."""
    if not settings.tuhui_url or not settings.tuhui_api_key:
        return None
    options = TuhuiOptions(
        finished_statuses=_statuses(settings.tuhui_finished_status),
        accepted_statuses=_statuses(settings.tuhui_accepted_status),
        result_field=settings.tuhui_result_field,
        cancel_path=settings.tuhui_cancel_path,
    )
    return Tuhui(settings.tuhui_url, settings.tuhui_api_key.get_secret_value(), client, options)


def _statuses(setting: str | None) -> frozenset[str]:
    return frozenset(status.lower() for status in listed(setting))


def mail(settings: Settings) -> SmtpMail:
    """Return the mail client."""
    password = settings.smtp_password
    return SmtpMail(
        settings.smtp_host,
        settings.smtp_port,
        settings.mail_from,
        security=settings.smtp_security,
        username=settings.smtp_username,
        password=password.get_secret_value() if password else None,
    )


def mail_domain(settings: Settings) -> str:
    """Return the domain of our Message-IDs."""
    return mailbox(settings.mail_from).domain


def rules(settings: Settings, picture_cost: Decimal) -> ShopRules:
    """Return the rules for new orders; `picture_cost` is the expected model cost per picture."""
    return ShopRules(
        prices=settings.prices,
        picture_cost=picture_cost,
        quality_threshold=settings.quality_threshold,
        max_attempts=settings.max_attempts,
        free_revisions=settings.free_revisions,
        words_pause_seconds=settings.words_pause_seconds,
        aftercare_days=settings.aftercare_days,
        language=settings.staff_language,
        timezone=settings.shop_timezone,
        opens_at=settings.shop_opens_at,
        closes_at=settings.shop_closes_at,
        review_minutes=settings.review_minutes,
        hold_minutes=settings.hold_minutes,
        payment_reminder_hours=settings.payment_reminder_hours,
        expiry_hours=settings.expiry_hours,
        word_reminder_hours=settings.word_reminder_hours,
        silence_days=settings.silence_days,
        is_start_told=settings.start_told,
        preview_order_seconds=settings.preview_order_seconds,
        shipping_hours=settings.shipping_hours,
        shipping_reminder_hours=settings.shipping_reminder_hours,
    )


def designer_rules(settings: Settings) -> DesignerRules:
    """Return the deadlines of designers."""
    return DesignerRules(
        language=settings.staff_language,
        timezone=settings.shop_timezone,
        opens_at=settings.shop_opens_at,
        closes_at=settings.shop_closes_at,
        lease_minutes=settings.designer_lease_minutes,
        is_acceptance_told=bool(_statuses(settings.tuhui_accepted_status)),
        deadline_hours=settings.designer_deadline_hours,
        give_up_hours=settings.designer_give_up_hours,
    )


def page_of(settings: Settings, name: str) -> str:
    """Return where staff open an order (the board) or a dispatch (the Temporal Web UI); empty for any other name."""
    workflow_id = ids.workflow_named(name)
    if not workflow_id:
        return ""
    if workflow_id == name:  # a dispatch
        return f"{settings.temporal_ui_url}/namespaces/{settings.temporal_namespace}/workflows/{workflow_id}"
    return f"{settings.gateway_url}/staff/orders/{name}"
