"""Settings of how long data is kept, beside those of uploads, of Temporal and of the task history."""

from collections.abc import Mapping

from pydantic import BaseModel, Field

from domain.upkeep.work import Kept

SIX_MONTHS = 184  # days
A_DAY = 1  # a session that has ended is of no more use


class RetentionSettings(BaseModel):
    """Retention. Upkeep removes what is older, every night; docs/deployment.md lists all kinds of data."""

    order_pictures_kept_days: int = Field(
        0,
        description="Days after the last event of a finished order until its pictures and results, its entries in the "
        "photo library and its records in the task history are deleted; 0 keeps them forever. At least "
        "TEMPORAL_RETENTION_DAYS, and more than AFTERCARE_DAYS.",
        ge=0,
    )
    order_words_kept_days: int = Field(
        0,
        description="The same for names, e-mail addresses, messages, wishes and prompts, the profile of a customer who "
        "has no later order, questions to designers and late events. Amounts, dates and ids stay. At least 184, since "
        "the law asks to keep consents to leave out the AI label for six months.",
        ge=0,
    )
    idempotency_kept_days: int = Field(
        30, description="Days in which a request with the same Idempotency-Key gets the same answer.", gt=0
    )
    quarantine_kept_days: int = Field(
        0, description="Days until a row that Postgres rejected is deleted, mended or not; 0 keeps it.", ge=0
    )

    @property
    def kept_days(self) -> Mapping[Kept, int]:
        """The days of each kind of data; 0 keeps it forever."""
        return {
            Kept.PICTURES: self.order_pictures_kept_days,
            Kept.WORDS: self.order_words_kept_days,
            Kept.KEYS: self.idempotency_kept_days,
            Kept.SET_ASIDE: self.quarantine_kept_days,
            Kept.SESSIONS: A_DAY,
            Kept.REVOCATIONS: A_DAY,
        }
