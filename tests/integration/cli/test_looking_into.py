"""An order in a folder, and its history on the code of today."""

import json
from pathlib import Path
from typing import Any

import pytest

from domain.vocabulary.status import Status
from runtime.paths import ROOT
from tests.integration.cli.running import Ran, darkroom
from tests.integration.orders.conftest import RealShop

UNKNOWN = "ORDER_20261122_ZZZZZZ"
REPLAYED = "events replay on the current code\n"


class Bundle:
    """An order that waits for its customer's word, and the folder that `darkroom order bundle` wrote of it."""

    def __init__(self, order_id: str, folder: Path, ran: Ran) -> None:
        self.order_id, self.folder, self.ran = order_id, folder, ran

    @property
    def names(self) -> set[str]:
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*.*")}

    def read(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text())

    def table(self, name: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.read(f"rows/{name}.json")
        return rows


async def write(shop: RealShop, order_id: str, folder: Path, **env: str) -> Bundle:
    return Bundle(order_id, folder, await darkroom(shop, "order", "bundle", order_id, "--to", str(folder), **env))


@pytest.fixture(scope="module")
async def bundle(real_shop: RealShop, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    real_shop.have_a_worker()
    order = await real_shop.new_order((ROOT / "demo" / "photos" / "coffee.jpg").read_bytes())
    await order.until(lambda order: order.quote)
    await order.signal("payment_received", payment_id="pay-1")
    await order.reaches(Status.AWAITING_CONFIRM)
    return await write(real_shop, order.order_id, tmp_path_factory.mktemp("bundles") / "case 17")


def test_a_bundle_holds_all_that_is_known_of_an_order(bundle: Bundle) -> None:
    assert (bundle.ran.status, bundle.ran.out, bundle.ran.err) == (0, f"{bundle.folder}\n", "")
    assert {"README.txt", "history.json", "order.json", "ledgers/bot.json", "ledgers/gemini.json"} <= bundle.names
    assert bundle.read("order.json")["order_id"] == bundle.order_id
    assert bundle.read("ledgers/bot.json")
    assert "personal data" in (bundle.folder / "README.txt").read_text()


def test_its_rows_are_those_of_the_order_and_what_refers_to_them(bundle: Bundle) -> None:
    task = f"TASK_{bundle.order_id.removeprefix('ORDER_')}_1"
    assert [row["order_id"] for row in bundle.table("orders")] == [bundle.order_id]
    assert [row["task_id"] for row in bundle.table("image_tasks")] == [task]
    calls = bundle.table("image_generation_task")
    assert {call["image_task_id"] for call in calls} == {task}
    assert sorted(call["kind"] for call in calls) == ["analysis", "image", "score"]
    made = {call["task_id"] for call in calls if call["kind"] == "image"}
    assert {row["task_id"] for row in bundle.table("generation_result")} == made
    assert "rows/alembic_version.json" not in bundle.names


async def test_an_order_in_flight_and_its_kept_history_replay(real_shop: RealShop, bundle: Bundle) -> None:
    for words in ((bundle.order_id,), ("--file", str(bundle.folder / "history.json"))):
        ran = await darkroom(real_shop, "replay", *words)
        assert (ran.status, ran.out.endswith(REPLAYED)) == (0, True), ran.err


async def test_what_other_code_does_otherwise_is_told_in_one_line(
    real_shop: RealShop, bundle: Bundle, tmp_path: Path
) -> None:
    content = json.dumps(bundle.read("history.json")).replace('"name": "examine"', '"name": "an_activity_of_old"')
    (tmp_path / "history.json").write_text(content)
    ran = await darkroom(real_shop, "replay", "--file", str(tmp_path / "history.json"))
    assert (ran.status, ran.out, len(ran.err.splitlines())) == (1, "", 1)
    assert "an_activity_of_old" in ran.err


async def test_what_is_away_is_said_and_the_rest_is_there(real_shop: RealShop, bundle: Bundle, tmp_path: Path) -> None:
    away = {
        "DATABASE_URL": "postgresql+asyncpg://darkroom@127.0.0.1:9/darkroom",
        "SIMULATORS_URL": "http://127.0.0.1:9",
    }
    rest = await write(real_shop, bundle.order_id, tmp_path / "rest", **away)
    assert rest.ran.status == 0
    assert [line.split(": ")[1] for line in rest.ran.err.splitlines()] == ["rows/", "ledgers/"]
    assert rest.names == {"README.txt", "history.json", "order.json"}
    assert "Missing: rows/" in (rest.folder / "README.txt").read_text()


async def test_an_order_that_nobody_knows_leaves_no_folder(real_shop: RealShop, tmp_path: Path) -> None:
    nothing = await write(real_shop, UNKNOWN, tmp_path / "nothing")
    assert (nothing.ran.status, nothing.names) == (3, set())
    assert not nothing.folder.exists()


async def test_a_folder_that_holds_something_is_left_alone(real_shop: RealShop, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()
    refused = await write(real_shop, UNKNOWN, tmp_path)
    assert (refused.ran.status, refused.names) == (2, {"letter.txt"})
    assert "not an empty folder" in refused.ran.err


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        ((UNKNOWN,), 3, f"no open order with the id {UNKNOWN}"),
        ((), 2, "give either ORDER or --file"),
        (("--file", "README.md"), 2, "is not a history written by"),
    ],
)
async def test_what_cannot_be_replayed_is_told(
    real_shop: RealShop, words: tuple[str, ...], status: int, says: str
) -> None:
    ran = await darkroom(real_shop, "replay", *words)
    assert (ran.status, says in ran.err) == (status, True), ran.err
    assert "Traceback" not in ran.err
