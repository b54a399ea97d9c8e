"""The way to staff over real parts: from the worker to the robot of their group, no faster than it takes messages."""

import asyncio
import uuid
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.worker import Worker

from domain.attempts.work import Alert, Alerted
from domain.vocabulary.trail import Notice
from tests.integration.orders.conftest import RealShop
from workflows import options

MESSAGES = 3


@workflow.defn(sandboxed=False)
class ManyAlerts:
    """Tells staff several things at once, each in a message of its own."""

    @workflow.run
    async def run(self, order_id: str) -> list[int]:
        notice = Notice(notice_id="N1", serial=1, phrase="mail_subject", values={"order_id": order_id})
        alert = Alert(order_id=order_id, notices=[notice])
        tellings = [
            workflow.execute_activity("tell_staff", alert, result_type=Alerted, **options.TELL_STAFF)
            for _ in range(MESSAGES)
        ]
        return [alerted.told for alerted in await asyncio.gather(*tellings)]


async def test_staff_are_told_no_faster_than_their_robot_takes_it(real_shop: RealShop) -> None:
    real_shop.have_a_worker()
    order_id, queue = f"ORDER_{uuid.uuid4().hex}", "alerts"
    async with Worker(real_shop.client, task_queue=queue, workflows=[ManyAlerts]):
        told = await real_shop.client.execute_workflow(
            ManyAlerts.run, order_id, id=order_id, task_queue=queue, execution_timeout=timedelta(minutes=3)
        )
    assert told == [1] * MESSAGES
    messages = await real_shop.ledger("wecom", order=order_id, errcode="0")
    assert [message["content"] for message in messages] == [f"您的图片已处理完成({order_id})"] * MESSAGES
    first, *_, last = [datetime.fromisoformat(message["at"]) for message in messages]
    assert last - first > timedelta(seconds=3), "at 19 a minute the third comes about five seconds after the first"
