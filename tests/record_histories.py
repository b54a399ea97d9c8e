"""Records a history for each state that an order can be in (tests/states.py): `make record-histories`.

The orders run on fakes and a real Temporal server. CI replays the files on the current code, to detect a change of
workflow code that would break orders in flight before it is released.
"""

import asyncio
import json
import os
import re
import sys
import sysconfig
from pathlib import Path
from typing import Any

from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from starter.client import CONVERTER
from tests.shop import FakeShop
from tests.states import STATES, closed, dispatch, find_image, late_event, made_by_another, upkeep
from workflows import telling

WORKER = re.compile(r"\d+@[\w.-]+")  # process and host, in the names of sticky queues
HISTORIES = Path(__file__).parent / "histories"
TEMPORAL = Path(sysconfig.get_path("scripts")) / "temporal"
ATTRIBUTES = [
    telling.CUSTOMER_ID,
    telling.SHOP_ID,
    telling.ORDER_STATUS,
    telling.OPERATION,
    telling.HIGH_VALUE,
    telling.QA_SCORE,
]
ENDED = {closed, late_event, dispatch, find_image, upkeep}


def without_the_machine(recorded: Any) -> Any:
    """Leave out what tells of the machine that recorded: stack traces with its paths, names of its processes."""
    if isinstance(recorded, list):
        return [without_the_machine(item) for item in recorded]
    if isinstance(recorded, dict):
        kept = {name: value for name, value in recorded.items() if name not in {"stackTrace", "identity"}}
        return {name: without_the_machine(value) for name, value in kept.items()}
    is_worker = isinstance(recorded, str) and WORKER.fullmatch(recorded)
    return "worker" if is_worker else recorded


async def record() -> None:
    """Bring one order into each state, and write down what Temporal recorded of it."""
    async with await WorkflowEnvironment.start_time_skipping_v2(
        data_converter=CONVERTER,
        search_attributes=ATTRIBUTES,
        ts_config=TimeSkippingConfig(enabled=False),
        dev_server_existing_path=str(TEMPORAL),
        dev_server_extra_args=[
            *("--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"),
            *("--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=200"),
        ],
    ) as env:
        for reach in STATES:
            shop = FakeShop(env)
            if reach is made_by_another:
                shop.models = [shop.model, shop.stronger, shop.other]
            async with shop.open():
                order = await reach(shop)
                history = await order.handle.fetch_history()
                if reach not in ENDED:  # it must not go on in the next one's shop
                    await shop.client.get_workflow_handle(order.handle.id).terminate("recorded")
                if shop.model.gate:
                    shop.model.gate.set()
            name = reach.__name__
            content = {"workflow_id": history.workflow_id, "history": without_the_machine(history.to_json_dict())}
            (HISTORIES / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
            print(f"{name}: {len(history.events)} events")


if __name__ == "__main__":
    asyncio.run(record())
    sys.stdout.flush()
    os._exit(0)  # the Temporal client may abort the interpreter at its usual end
