"""Paths on this machine, and the public development secret."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Data of the local stack. An unknown `~user` stays unexpanded, and the stack refuses it.
DATA = Path(os.path.expanduser(os.environ.get("DARKROOM_DATA") or ROOT / ".darkroom"))  # noqa: PTH111
# Where docker compose mounts secrets: the file `link_secret` there is LINK_SECRET.
SECRETS_DIR = Path(os.environ.get("SECRETS_DIR") or "/run/secrets")
CATALOGUES = {"zh": "phrases.toml", "en": "phrases.en.toml"}
DEVELOPMENT_SECRET = "darkroom-development"  # noqa: S105 - public: the stack generates its own, and `darkroom doctor` warns of this one
