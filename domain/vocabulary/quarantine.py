"""A row that Postgres refuses for good, as staff are told of it."""

from datetime import datetime

from pydantic import BaseModel


class SetAside(BaseModel):
    """What was set aside: which row of which table, why, and whether it can be tried again as it is."""

    row_id: str
    table_name: str
    key: str
    reason: str
    is_whole: bool
    created_at: datetime
