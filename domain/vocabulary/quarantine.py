"""A row that Postgres rejects permanently, as shown to staff."""

from datetime import datetime

from pydantic import BaseModel


class SetAside(BaseModel):
    """A row that was set aside: its table, why, and whether it is complete and can be retried unchanged."""

    row_id: str
    table_name: str
    key: str
    reason: str
    is_whole: bool
    created_at: datetime
