"""Generates .env.example: `make env-example`."""

import json
import os
import shlex
import textwrap
from typing import Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from runtime.paths import ROOT
from runtime.setting_groups.fields import GROUPS
from runtime.settings import Settings


def env_example() -> str:
    """Return the text of `.env.example`: every setting with its description and default."""
    head = (
        "# Generated from runtime/setting_groups/ by `make env-example`. Copy it to .env, uncomment what you change.\n"
        "# docker-compose.yml reads .env too, and needs passwords as well: they are listed at its top.\n"
    )
    return "\n".join([head, *map(_section, GROUPS)])


def _section(group: type[BaseModel]) -> str:
    entries = "\n".join(_entry(name, Settings.model_fields[name]) for name in group.model_fields)
    return f"# ---- {(group.__doc__ or '').rstrip('.')}\n\n{entries}"


def _entry(name: str, field: FieldInfo) -> str:
    about = [field.description or ""]
    if get_origin(field.annotation) is Literal:
        about.append(f"One of: {', '.join(get_args(field.annotation))}.")
    if is_secret := SecretStr in (field.annotation, *get_args(field.annotation)):
        about.append("Secret; the default is public, for development only." if field.default else "Secret.")
    shown = field.default.model_dump_json() if isinstance(field.default, BaseModel) else str(field.default)
    if isinstance(field.default, (tuple, bool, dict)):
        shown = json.dumps(field.default, default=to_jsonable_python)
    default = "" if is_secret or field.default is None else shown.removeprefix(f"{ROOT}{os.sep}")
    comment = textwrap.fill(" ".join(about), 120, initial_indent="# ", subsequent_indent="# ")
    return f"{comment}\n#{name.upper()}={default and shlex.quote(default)}\n"


if __name__ == "__main__":
    print(env_example(), end="")
