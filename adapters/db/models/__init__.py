"""The tables of the shop, with names and columns kept as the spec gives them, so that people's own SQL works."""

from adapters.db.models.base import Base
from adapters.db.models.board import OrderViewerRow, SavedViewRow, ShopSettingsRow
from adapters.db.models.calls import GenerationParameterRow, GenerationResultRow, GenerationTaskRow
from adapters.db.models.customers import CustomerRow
from adapters.db.models.designers import DispatchRow
from adapters.db.models.gateway import ApiKeyRow, BegunRow, IdempotencyKeyRow, RevocationRow, SessionRow
from adapters.db.models.library import PhotoRow, PhotoTagRow, TagRow
from adapters.db.models.orders import (
    ImageTaskRow,
    OrderEventRow,
    OrderRow,
    PaymentRow,
    QuoteRow,
    RequirementChangeRow,
)
from adapters.db.models.quarantine import QuarantinedRow
from adapters.db.models.task_history import CreditRow, TaskRow, TaskStatisticsRow

__all__ = [
    "ApiKeyRow",
    "Base",
    "BegunRow",
    "CreditRow",
    "CustomerRow",
    "DispatchRow",
    "GenerationParameterRow",
    "GenerationResultRow",
    "GenerationTaskRow",
    "IdempotencyKeyRow",
    "ImageTaskRow",
    "OrderEventRow",
    "OrderRow",
    "OrderViewerRow",
    "PaymentRow",
    "PhotoRow",
    "PhotoTagRow",
    "QuarantinedRow",
    "QuoteRow",
    "RequirementChangeRow",
    "RevocationRow",
    "SavedViewRow",
    "SessionRow",
    "ShopSettingsRow",
    "TagRow",
    "TaskRow",
    "TaskStatisticsRow",
]
