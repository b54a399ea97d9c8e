"""`darkroom find` and `darkroom photo`, from a picture that entered by itself to one that everybody finds."""

import asyncio
from pathlib import Path

from tests.integration.cli.running import Ran, darkroom
from tests.integration.cli.test_designers import shown
from tests.integration.orders.conftest import RealShop


async def find(shop: RealShop, *words: str) -> Ran:
    ran = await darkroom(shop, "find", *words)
    assert ran.status == 0, ran.err
    return ran


async def entered(shop: RealShop, order_id: str) -> str:
    """Wait until the original of an order is in the library, and return its id."""
    async with asyncio.timeout(60):
        while True:
            for row in await shop.rows("SELECT id FROM photo WHERE order_id = :id", id=order_id):
                return str(row["id"])
            await asyncio.sleep(0.2)


async def test_an_original_enters_by_itself_and_strangers_find_it_once_it_is_shared(
    real_shop: RealShop, order_id: str, photo: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "again.jpg"
    file.write_bytes(photo)
    photo_id = await entered(real_shop, order_id)
    own = (await find(real_shop, str(file), "--customer", "wang", "--limit", "20", "--json")).json
    mine = [match for match in own["matches"] if match["distance"] == 0]
    assert mine
    assert all(match["is_own"] and match["kind"] == "original" for match in mine)
    nothing = await find(real_shop, str(file))
    assert "no matches" in nothing.err

    listed = (await darkroom(real_shop, "photo", "list", "--customer", "wang", "--json")).json
    assert photo_id in {one["photo_id"] for one in listed}
    shared = await darkroom(real_shop, "photo", "share", photo_id)
    assert shared.status == 0, shared.err

    (theirs,) = (await find(real_shop, str(file), "--customer", "li", "--json")).json["matches"]
    assert (theirs["photo_id"], theirs["distance"], theirs["is_own"]) == (photo_id, 0, False)
    words = (await find(real_shop, str(file), "--customer", "li")).out
    assert not [secret for secret in (order_id, order_id.removeprefix("ORDER_"), "wang") if secret in words]
    assert photo_id in (await darkroom(real_shop, "photo", "list", "--shared")).out

    assert (await darkroom(real_shop, "photo", "unshare", photo_id)).status == 0
    assert "no matches" in (await find(real_shop, str(file), "--customer", "li")).err
    (row,) = await real_shop.rows("SELECT shareable, shown_key FROM photo WHERE id = :id", id=photo_id)
    assert dict(row) == {"shareable": False, "shown_key": None}


async def test_where_nothing_is_found_a_designer_is_asked_if_wanted(real_shop: RealShop) -> None:
    real_shop.have_no_worker()
    real_shop.start_worker(TUHUI_URL="")  # staff find one by hand
    ran = await find(real_shop, "--words", "从没见过的东西", "--customer", "finder", "--transfer", "--json")
    transfer_id = ran.json["transfer_id"]
    assert transfer_id.startswith("TRANSFER_FIND_")
    await shown(real_shop, transfer_id, is_by_hand=True)
    assert (await darkroom(real_shop, "designer", "cancel", transfer_id)).status == 0


async def test_a_picture_that_cannot_be_had_fails_with_the_reason(real_shop: RealShop) -> None:
    real_shop.have_a_worker()
    ran = await darkroom(real_shop, "find", "http://169.254.1.1/secret.jpg")
    assert (ran.status, "cannot use the picture" in ran.err) == (1, True)


async def test_what_looks_for_nothing_or_names_no_picture_is_wrong_usage(real_shop: RealShop) -> None:
    for words in (("find",), ("find", "no-such-file.jpg"), ("find", "--words", "猫", "--transfer"),
                  ("photo", "share", "7K3F9Q")):  # fmt: skip
        assert (await darkroom(real_shop, *words)).status == 2
    unknown = await darkroom(real_shop, "photo", "share", "019ab0c4-5d1e-7c33-9f60-2f4b8a1c7d55")
    assert (unknown.status, "darkroom photo list" in unknown.err) == (3, True)
