"""What holds for every `darkroom` command."""

import tomllib

import pytest
from typer import Typer
from typer.main import get_command
from typer.testing import CliRunner

import cli
from runtime.paths import ROOT
from runtime.settings import VERSION

READING = {
    "order show", "order list", "order watch", "order history", "designer show", "photo list", "find", "doctor",
    "db current", "key list", "deploy status",
}  # fmt: skip


def commands(app: Typer) -> dict[str, object]:
    """Return every command by the words that call it."""
    found: dict[str, object] = {}

    def walk(command: object, words: tuple[str, ...]) -> None:
        for name, child in getattr(command, "commands", {}).items():
            walk(child, (*words, name))
        if not hasattr(command, "commands"):
            found[" ".join(words)] = command

    walk(get_command(app), ())
    return found


COMMANDS = commands(cli.app)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_an_example_of_itself(name: str) -> None:
    assert f"Example: darkroom {name}" in str(getattr(COMMANDS[name], "epilog", ""))


@pytest.mark.parametrize("name", sorted(READING))
def test_what_reads_can_be_read_by_programs(name: str) -> None:
    options = {option for parameter in getattr(COMMANDS[name], "params", []) for option in parameter.opts}
    assert "--json" in options


def test_the_version_is_that_of_the_package() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION
    ran = CliRunner().invoke(cli.app, ["--version"])
    assert (ran.exit_code, ran.stdout) == (0, f"darkroom {VERSION}\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_complete_commands(shell: str) -> None:
    ran = CliRunner().invoke(cli.app, [], env={"_DARKROOM_COMPLETE": f"source_{shell}"}, prog_name="darkroom")
    assert "_DARKROOM_COMPLETE" in ran.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["order", "new", *["https://a.example/1.jpg"] * 41, "--customer", "c"],
            "PICTURES: an order takes at most 40 pictures",
        ),
        (["order", "new", "https://a.example/1.jpg", "--customer", "c" * 256], "CUSTOMER_ID: "),
        (["order", "new", "https://a.example/1.jpg", "--customer", "c", "--name", "n" * 256], "CUSTOMER_NAME: "),
    ],
)
def test_what_no_order_takes_is_refused_before_anything_is_sent(
    words: list[str], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["darkroom", *words])
    assert cli._main() == 2
    assert capsys.readouterr().err.startswith(f"darkroom: invalid input: {told}")
