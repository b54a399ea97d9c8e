"""Where things lie on this machine, and what is public of a development set-up."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]
# What the local stack keeps. A home of nobody stays as it is written, and the stack refuses it.
DATA = Path(os.path.expanduser(os.environ.get("DARKROOM_DATA") or ROOT / ".darkroom"))  # noqa: PTH111
# Where compose and the like mount secrets: a file `link_secret` in there is LINK_SECRET.
SECRETS_DIR = Path(os.environ.get("SECRETS_DIR") or "/run/secrets")
CATALOGUES = {"zh": "phrases.toml", "en": "phrases.en.toml"}
DEVELOPMENT_SECRET = "darkroom-development"  # noqa: S105 - public: the stack makes up its own, `darkroom doctor` names it where it is used
