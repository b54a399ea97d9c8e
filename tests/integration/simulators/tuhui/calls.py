"""What tests ask of the simulated Tuhui."""

import time
from typing import Any

import httpx

from tests.integration.simulators_fixtures import NO_TLS, TUHUI_KEY, Simulators

FORM = {"accept": "text/html"}  # as the form of a browser


class Desk:
    """Tuhui's API, and the designers' desk beside it."""

    def __init__(self, simulators: Simulators) -> None:
        self.simulators = simulators
        self.url = f"{simulators.url}/tuhui"

    def api(self, method: str, path: str, body: Any = None, key: str = TUHUI_KEY) -> httpx.Response:
        return httpx.request(method, self.url + path, json=body, headers={"x-api-key": key}, verify=NO_TLS)

    def desk(self, path: str, **more: Any) -> httpx.Response:
        return httpx.post(f"{self.url}/desk/{path}", verify=NO_TLS, **more)

    def designer(self, name: str, **change: Any) -> dict[str, Any]:
        changed: dict[str, Any] = httpx.put(f"{self.url}/designers/{name}", json=change, verify=NO_TLS).json()
        return changed

    def fault(self, **fault: Any) -> httpx.Response:
        return httpx.post(f"{self.url}/faults", json=fault, verify=NO_TLS)

    def create(self, description: str = "订单 T_1") -> str:
        answer = self.api("POST", "/tasks", {"task_name": "图片处理-0001", "description": description})
        assert answer.is_success, answer.text
        return str(answer.json()["task_id"])

    def assign(self, task: str, designer: str = "橘子", notes: str = "") -> httpx.Response:
        return self.api("POST", f"/tasks/{task}/assign", {"designer_name": designer, "notes": notes})

    def given(self, description: str = "订单 T_1") -> str:
        """Return a task that 橘子 has."""
        task = self.create(description)
        assert self.assign(task).is_success
        return task

    def end(self, how: str, task: str, notes: str = "") -> int:
        return self.api("POST", f"/tasks/{task}/{how}", {"notes": notes}).status_code

    def task(self, task: str) -> dict[str, Any]:
        found: dict[str, Any] = self.api("GET", f"/tasks/{task}").json()
        return found

    def queue(self) -> dict[str, Any]:
        found: dict[str, Any] = self.api("GET", "/dispatch/queue").json()
        return found

    def waiting(self) -> list[str]:
        return [task["task_id"] for task in self.queue()["pending_tasks"]["tasks"]]

    def kinds(self, task: str) -> list[str]:
        """The entries of the ledger about a task."""
        return [entry["kind"] for entry in self.simulators.ledger("tuhui", task_id=task)]

    def until(self, task: str, status: str, seconds: float = 20) -> dict[str, Any]:
        end = time.monotonic() + seconds
        while (found := self.task(task))["status"] != status:
            assert time.monotonic() < end, found
            time.sleep(0.05)
        return found
