from tests.integration.orders.conftest import photo, real_shop

__all__ = ["photo", "real_shop"]
