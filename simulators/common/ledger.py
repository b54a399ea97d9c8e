"""An append-only record of the effects a simulator saw: JSON lines, readable over HTTP."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Entry = dict[str, Any]


class Ledger:
    """A persistent file of entries, each with a serial number `n` and a time `at`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        whole, _, cut = (path.read_text("utf-8") if path.exists() else "").rpartition("\n")
        if cut:  # a killed process left half a line, of an effect that was never confirmed
            path.write_text(whole + "\n", "utf-8")
        self._entries: list[Entry] = [json.loads(line) for line in whole.split("\n") if line]
        self._file = path.open("a", encoding="utf-8")

    def add(self, **facts: Any) -> Entry:
        """Write an entry and return it. It then survives if this process is killed."""
        entry = {"n": len(self._entries) + 1, "at": datetime.now(UTC).isoformat(), **facts}
        self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        self._file.flush()
        self._entries.append(entry)
        return entry

    def read(self, *, since: int = 0, order: str = "", **facts: str) -> list[Entry]:
        """Return the entries after `since` that mention an order and match each fact (a list: any of its values)."""
        found = self._entries[since:]
        if order:
            found = [entry for entry in found if order in json.dumps(entry)]
        return [entry for entry in found if all(_holds(entry.get(name), fact) for name, fact in facts.items())]

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def route(self) -> Route:
        """Return `GET /ledger?since=N&order=ID&FIELD=VALUE`, which answers a JSON list."""
        return Route("/ledger", self._answer)

    async def _answer(self, request: Request) -> Response:
        query = dict(request.query_params)
        since = query.pop("since", "0")
        if not since.isdecimal():
            return JSONResponse({"error": "since is the number of an entry"}, 400)
        return JSONResponse(self.read(since=int(since), **query))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _holds(value: Any, fact: str) -> bool:
    return fact in [str(item) for item in value] if isinstance(value, list) else str(value) == fact
