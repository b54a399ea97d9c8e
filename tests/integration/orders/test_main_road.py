"""The main road over real parts: what the customer, the mailbox, the tables and the ledgers say of one order."""

import hashlib

from domain.vocabulary.status import Status
from tests.integration.orders.conftest import RealShop


async def test_an_order_is_told_alike_by_everybody(real_shop: RealShop, photo: bytes) -> None:
    real_shop.have_a_worker()
    order = await real_shop.new_order(photo, note="变清晰一点")
    quoted = await order.until(lambda o: o.quote)
    await order.signal("payment_received", event_id="pay", payment_id="pay-1", amount=str(quoted.quote.minimum))
    await order.signal("payment_received", event_id="pay-again", payment_id="pay-1", amount=str(quoted.quote.minimum))
    await order.reaches(Status.AWAITING_CONFIRM)
    await order.signal("customer_message", event_id="m1", text="颜色不对,再亮一点")
    await order.until(lambda o: o.status is Status.AWAITING_CONFIRM and o.live[0].round == 1)
    await order.signal("customer_message", event_id="m2", text="可以了,发到 wang@example.com")
    done = await order.reaches(Status.COMPLETED)
    picture = done.live[0]
    assert picture.original is not None
    assert picture.result is not None

    (letter,) = await real_shop.ledger("mailbox", order=order.order_id)
    assert letter["to"] == ["wang@example.com"]
    assert [attachment["sha256"] for attachment in letter["attachments"]] == [picture.result.file.sha256]

    (row,) = await real_shop.rows("SELECT * FROM image_tasks WHERE order_id = :id", id=order.order_id)
    assert (row["status"], row["operation"], row["revision_count"]) == ("completed", "enhance", 1)
    assert (row["qa_score"], row["result_image"]) == (picture.result.score, picture.result.file.key)
    (whole,) = await real_shop.rows("SELECT * FROM orders WHERE order_id = :id", id=order.order_id)
    assert (whole["status"], whole["amount_paid"]) == ("completed", quoted.quote.minimum)
    assert len(await real_shop.rows("SELECT * FROM payments WHERE order_id = :id", id=order.order_id)) == 1

    entered = await real_shop.rows(
        "SELECT key, kind, hash, shareable FROM photo WHERE order_id = :id ORDER BY id", id=order.order_id
    )
    assert [(photo["kind"], photo["shareable"]) for photo in entered] == [
        ("original", False), ("result", False), ("result", False),
    ]  # fmt: skip
    assert entered[-1]["key"] == picture.result.file.key
    assert all(photo["hash"] is not None for photo in entered)

    calls = await real_shop.rows(
        "SELECT * FROM image_generation_task WHERE image_task_id = :id AND kind = 'image' ORDER BY attempt",
        id=picture.task_id,
    )
    digest = hashlib.sha256(photo).hexdigest()
    billed = await real_shop.ledger("gemini", kind="image", billed="True", input_sha256=digest)
    assert [call["provider_request_id"] for call in calls] == [call["response_id"] for call in billed]
    assert [call["provider"] for call in calls] == ["gemini", "gemini"]
    assert all(call["cost"] > 0 and call["tokens"]["output"]["image"] > 0 for call in calls)
    assert "【客户修改要求】颜色不对,再亮一点" in calls[-1]["prompt"]

    shown = await real_shop.ledger("bot", customer=order.customer_id, repeat="False")
    kinds = [message["kind"] for message in shown]  # the price and the payment, a preview, the redo, a preview, mailed
    assert kinds == ["hint", "hint", "image", "hint", "text", "image", "hint", "text"]
    assert shown[-1]["content"] == "发到您邮箱了,注意查收哈"
    told = await real_shop.rows(
        "SELECT facts->>'message_id' AS id FROM order_events WHERE order_id = :id AND what = 'told' ORDER BY serial",
        id=order.order_id,
    )
    assert [event["id"] for event in told] == [message["message_id"] for message in shown]
