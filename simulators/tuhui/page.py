"""The data for the page of the designers' desk."""

from typing import Any

from starlette.requests import Request

from simulators.common.pages import shop_time
from simulators.tuhui.board import Board
from simulators.tuhui.retouching import LINK, links
from simulators.tuhui.tasks import Task

MODES = {"by_hand": "手动", "diligent": "自动交稿", "ignores": "不理会"}
STATUSES = {
    "pending": "待分配",
    "assigned": "待接单",
    "accepted": "进行中",
    "submitted": "已交稿",
    "completed": "已完成",
    "cancelled": "已取消",
}
LATEST = 50  # finished tasks


def designers_shown(board: Board) -> list[dict[str, Any]]:
    """Return the designers; `version` changes whenever one of them changes."""
    return [
        {
            "name": designer.name,
            "online": designer.online,
            "mode": designer.mode,
            "modes": MODES,
            "open_tasks": (count := board.open_tasks(designer.name)),
            "version": f"{designer.changed}-{count}",
        }
        for designer in board.designers.values()
    ]


def tasks_shown(request: Request, board: Board) -> dict[str, list[dict[str, Any]]]:
    """Return the open and the finished tasks, newest first."""
    tasks = [_task_shown(request, board, task) for task in reversed(board.tasks.values())]
    is_over = {"submitted", "completed", "cancelled"}
    over = [task for task in tasks if task["status"] in is_over]
    return {"tasks": [task for task in tasks if task["status"] not in is_over], "over": over[:LATEST]}


def _task_shown(request: Request, board: Board, task: Task) -> dict[str, Any]:
    designer = board.designers.get(task.assigned_to or "")
    return task.facts() | {
        "state": STATUSES[task.status],
        "is_open": task.is_open,
        "is_ignored": bool(task.status == "assigned" and designer and designer.mode == "ignores"),
        "lines": [line for line in task.description.splitlines() if line.strip() and not LINK.search(line)],
        "pictures": links(task.description),
        "notes": [note | {"time": shop_time(note["at"])} for note in task.notes],
        "results": [str(request.url_for("tuhui-file", file=result["file"])) for result in task.results],
        "time": shop_time(task.created_at),
        "version": f"{task.changed}-{designer.mode if designer else ''}",
    }
