"""The second act: a picture that no model can make goes to a designer."""

import asyncio
from hashlib import sha256

import httpx

from demo.act import ADDRESS, PHOTOS, Act, everybody_knows_of_the_end, previews_of
from domain.order.order import Order
from stack.errors import StackError

PHOTO, WISH = "coffee.jpg", "色调暖一点,左下角加个对勾"
DESIGNER = "橘子"
FORBIDDEN = {"fault": "refused", "reason": "PROHIBITED_CONTENT", "kind": "image"}


class ByADesigner(Act):
    """The model refuses, a designer accepts the task and submits a picture, and the customer gets it as usual."""

    async def play(self) -> bool:
        """Play the order; return whether the e-mail arrived."""
        async with httpx.AsyncClient(base_url=self.settings.simulators_url or "") as http:
            self.http = http
            await self._prepare()
            await self.begin("a request that no model can fulfil", {PHOTO: WISH})
            await self.pay()
            given = await self.until(_has_a_designer)
            await self._work(given)
            await self.until(previews_of(round_of_first=0))
            await self.say(f"可以了,发到 {ADDRESS}")
            arrived = await self.prove(await self.until(everybody_knows_of_the_end))
            closed = await self._closing(given)
            self.line("Designer's task", f"closed: {closed}")
            return arrived

    async def _prepare(self) -> None:
        """Make simulated designers wait for our steps, and a simulated model refuse this photo."""
        for designer in (await self.http.get("/tuhui/designers")).json():
            await self._tell("PUT", f"/tuhui/designers/{designer['name']}", {"mode": "by_hand"})
        await self._tell("PUT", f"/tuhui/designers/{DESIGNER}", {"online": True})
        photograph = sha256((PHOTOS / PHOTO).read_bytes()).hexdigest()
        await self._tell("POST", "/gemini/faults", FORBIDDEN | {"input_sha256": photograph})

    async def _work(self, order: Order) -> None:
        """Play the assigned designer."""
        dispatch = order.live[0].dispatch
        assert dispatch is not None
        self.narrator.designer(dispatch.designer, "[接单]")
        await self._tell("POST", f"/tuhui/desk/{dispatch.dispatch_task_id}/accept")
        await self._tell("POST", f"/tuhui/desk/{dispatch.dispatch_task_id}/finish")
        self.narrator.designer(dispatch.designer, "[交稿]")

    async def _closing(self, order: Order) -> str:
        """Return the note with which the designer's task was closed. Raises TimeoutError if it is not."""
        dispatch = order.live[0].dispatch
        assert dispatch is not None
        wanted = {"kind": "complete", "task_id": dispatch.dispatch_task_id}
        async with asyncio.timeout(self.patience):
            while True:
                if closed := (await self.http.get("/tuhui/ledger", params=wanted)).json():
                    return str(closed[0]["notes"])
                await asyncio.sleep(0.2)

    async def _tell(self, method: str, path: str, body: object = None) -> None:
        answer = await self.http.request(method, path, json=body)
        if answer.is_error:
            raise StackError(f"the simulator answered {answer.status_code} to {method} {path}: {answer.text[:200]}")


def _has_a_designer(order: Order) -> bool:
    dispatch = order.live[0].dispatch
    return dispatch is not None and bool(dispatch.designer) and not order.has_unreported
