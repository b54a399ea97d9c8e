from pathlib import Path

import pytest

from tests.integration.cli.running import darkroom
from tests.integration.orders.conftest import RealShop, photo, real_shop

__all__ = ["order_id", "photo", "real_shop"]


@pytest.fixture
async def order_id(real_shop: RealShop, photo: bytes, tmp_path: Path) -> str:
    """An order that was started by hand, with a photograph of this machine."""
    real_shop.have_a_worker()
    file = tmp_path / "我的 照片.jpg"
    file.write_bytes(photo)
    started = await darkroom(real_shop, "order", "new", str(file), "--customer", "wang", "--note", "变清晰一点")
    assert started.status == 0, started.err
    assert "darkroom order watch" in started.err
    return started.out.strip()
