"""The signed-in user of a request."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class User:
    """A user as a verified token describes them; `plan` is the name of their plan, empty for the default one."""

    user_id: UUID
    role: str = "user"
    plan: str = ""
