"""Starts the simulators: `python -m simulators --host H --port P --smtp-port Q --data DIR`."""

import argparse
import os
from pathlib import Path

import uvicorn

from simulators.app import Options, create_app
from simulators.common.dropping import DroppingProtocol

KEEP_ALIVE_SECONDS = 20  # longer than the idle time after which clients close a connection
DEVELOPMENT_KEY = "darkroom-development"
DEVELOPMENT_SECRET = "whsec_ZGFya3Jvb20tZGV2ZWxvcG1lbnQ="  # noqa: S105 - the default of BOT_SECRET


def main() -> None:
    """Parse the command line and serve until a signal arrives."""
    parser = argparse.ArgumentParser(
        prog="python -m simulators",
        description="Simulate Gemini, Volcengine Ark (Seedream), the chat bot, the staff group chat, the designers' "
        "dispatch system and a mail server. Environment variables: GEMINI_API_KEY, ARK_API_KEY, BOT_SECRET, WECOM_KEY "
        "and TUHUI_API_KEY are the secrets that callers must present; the chat page uses GATEWAY_URL, CHAT_API_KEY "
        "and PAYMENT_SECRETS to call the gateway. Its orders belong to the user CHAT_OWNER, whose task history is at "
        "HISTORY_URL, if these are set.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(
        "--port", type=int, default=8090, help="HTTP: /chat, /gemini, /ark, /bot, /wecom, /tuhui, /mailbox, /healthz"
    )
    parser.add_argument("--smtp-port", type=int, default=1025)
    parser.add_argument("--data", type=Path, required=True, help="folder for ledgers, e-mails and pictures")
    parser.add_argument("--gemini-seconds", type=float, default=0.3, help="minimum response time of Gemini")
    parser.add_argument("--ark-seconds", type=float, default=0.3, help="minimum time that Ark takes for a picture")
    parser.add_argument("--wecom-per-minute", type=int, default=20, help="messages a minute that the robot accepts")
    parser.add_argument("--samples", type=Path, help="folder with sample photographs for the chat page")
    args = parser.parse_args()
    options = Options(
        data=args.data,
        host=args.host,
        smtp_port=args.smtp_port,
        bot_secret=os.environ.get("BOT_SECRET", DEVELOPMENT_SECRET),
        gemini_key=os.environ.get("GEMINI_API_KEY", DEVELOPMENT_KEY),
        gemini_seconds=args.gemini_seconds,
        ark_key=os.environ.get("ARK_API_KEY", DEVELOPMENT_KEY),
        ark_seconds=args.ark_seconds,
        wecom_key=os.environ.get("WECOM_KEY", DEVELOPMENT_KEY),
        wecom_per_minute=args.wecom_per_minute,
        tuhui_key=os.environ.get("TUHUI_API_KEY", DEVELOPMENT_KEY),
        gateway_url=os.environ.get("GATEWAY_URL", "http://127.0.0.1:6060"),
        chat_api_key=os.environ.get("CHAT_API_KEY", ""),
        payment_secret=os.environ.get("PAYMENT_SECRETS", DEVELOPMENT_SECRET).partition(",")[0].strip(),
        chat_owner=os.environ.get("CHAT_OWNER", ""),
        history_url=os.environ.get("HISTORY_URL", ""),
        samples=args.samples,
    )
    # A connection that a client keeps open must not delay the shutdown.
    uvicorn.run(
        create_app(options),
        host=args.host,
        port=args.port,
        http=DroppingProtocol,
        log_level="warning",
        timeout_graceful_shutdown=3,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )


if __name__ == "__main__":
    main()
