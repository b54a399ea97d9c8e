"""The signed-in user of a request."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Role = Literal["user", "staff"]


@dataclass(frozen=True)
class User:
    """A user as a verified token describes them; `plan` is the name of their plan, empty for the default one.

    `name` is what others see of them; empty if their token has none.
    """

    user_id: UUID
    role: Role = "user"
    plan: str = ""
    name: str = ""
