"""`darkroom key`: who may call the gateway."""

from adapters.db.keys import id_of
from starter.commands.cli_context import FAILED, WRONG_USAGE
from tests.integration.cli.running import darkroom
from tests.integration.orders.conftest import RealShop


async def test_a_key_is_shown_once_listed_without_its_secret_and_revoked(real_shop: RealShop) -> None:
    made = await darkroom(real_shop, "key", "new", "shop-bot")
    key = made.out.strip()
    assert (made.status, id_of(key) is not None) == (0, True), made.err
    assert "only its hash is stored" in made.err
    assert (await darkroom(real_shop, "key", "new", "tianwang", "--scope", "agent")).status == 0

    listed = (await darkroom(real_shop, "key", "list")).out
    assert "shop-bot" in listed
    assert "agent" in listed
    assert key not in listed

    told = (await darkroom(real_shop, "key", "list", "--json")).json
    assert {one["name"]: one["scopes"] for one in told} == {"shop-bot": ["bot"], "tianwang": ["agent"]}

    assert (await darkroom(real_shop, "key", "revoke", "shop-bot")).status == 0
    assert "revoked" in (await darkroom(real_shop, "key", "list")).out


async def test_wrong_names_are_told_with_what_to_do(real_shop: RealShop) -> None:
    await darkroom(real_shop, "key", "new", "twice")
    again = await darkroom(real_shop, "key", "new", "twice")
    assert (again.status, "choose another name" in again.err) == (WRONG_USAGE, True)
    nobodys = await darkroom(real_shop, "key", "new", "  ")
    assert (nobodys.status, "names the caller" in nobodys.err) == (WRONG_USAGE, True)
    bare = await darkroom(real_shop, "key", "list", DATABASE_SCHEMA="not_made")
    assert (bare.status, "darkroom db upgrade" in bare.err) == (FAILED, True)
    unknown = await darkroom(real_shop, "key", "revoke", "nobody")
    assert (unknown.status, "darkroom key list" in unknown.err) == (WRONG_USAGE, True)
