from pathlib import Path

import pytest

from runtime.env_example import env_example
from runtime.paths import ROOT
from runtime.settings import Settings

LINES = env_example().splitlines()
SETTINGS = [line.removeprefix("#") for line in LINES if line.startswith("#") and not line.startswith("# ")]


def test_the_example_is_what_the_settings_say() -> None:
    assert (ROOT / ".env.example").read_text() == env_example(), "run `make env-example`"


def test_the_example_names_every_setting_and_its_copy_sets_none() -> None:
    assert sorted(line.partition("=")[0].lower() for line in SETTINGS) == sorted(Settings.model_fields)
    assert all(line.startswith("#") for line in LINES if line)


def test_every_setting_says_what_it_is_for() -> None:
    assert not [name for name, field in Settings.model_fields.items() if not (field.description or "").endswith(".")]


def test_the_example_gives_no_secret_away() -> None:
    defaults = [field.default for field in Settings.model_fields.values()]
    secrets = [default.get_secret_value() for default in defaults if hasattr(default, "get_secret_value")]
    assert secrets
    assert not [line for line in SETTINGS if line.partition("=")[2] in secrets]


def test_a_default_that_is_uncommented_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(ROOT)
    file = tmp_path / ".env"
    file.write_text("\n".join(line for line in SETTINGS if not line.endswith("=")))
    said, unsaid = Settings(_env_file=file), Settings(_env_file=None)
    said.phrases_path = said.phrases_path.resolve()
    assert said == unsaid
    assert {"mail_from", "database_url", "log_level"} <= said.model_fields_set
