"""Every line that a worker logs of a whole order is JSON and says which order, and which task, it is about."""

import json

from domain.vocabulary.status import Status
from tests.integration.orders.conftest import RealShop

OF_THE_PROCESS = {"worker", "garbage"}  # loggers whose lines are about no order
OF_A_PICTURE = {"examine", "produce", "check"}  # activities


async def test_each_line_of_an_order_names_it(real_shop: RealShop, photo: bytes) -> None:
    real_shop.start_worker(LOG_FORMAT="json", LOG_LEVEL="INFO")
    order = await real_shop.new_order(photo, note="变清晰一点")
    price = await order.is_quoted()
    await real_shop.ask_for_fault("gemini", fault="unavailable", kind="image")
    await order.pay(price)
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("customer_message", event_id="m1", text="可以了,发到 wang@example.com")
    await order.reaches(Status.COMPLETED)

    (log,) = real_shop.logs.glob("worker-*.log")
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    of_orders = [line for line in lines if line["logger"] not in OF_THE_PROCESS]
    assert {line.get("order_id") for line in of_orders} == {order.order_id}, of_orders
    assert {line.get("activity") for line in of_orders} >= {"examine", "produce", "report", "mail"}
    assert [line for line in of_orders if line["event"] == "activity failed"], of_orders
    (picture,) = (await order.until(lambda _: True)).live
    of_pictures = [line for line in of_orders if line.get("activity") in OF_A_PICTURE]
    assert {line["task_id"] for line in of_pictures} == {picture.task_id}
    assert "wang@example.com" not in log.read_text(encoding="utf-8")
