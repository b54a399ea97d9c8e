"""All settings of Darkroom, read from the environment; only entry points build them."""

import os
import re
import sys
from collections.abc import Iterator
from typing import Self

from pydantic import ValidationError, model_validator
from pydantic_settings import SettingsError

from adapters.address import unusable
from runtime import production
from runtime.setting_groups.fields import SettingFields
from runtime.setting_groups.retention import SIX_MONTHS
from runtime.setting_groups.task_history import SYMMETRIC

VERSION = "0.1.0"  # as in pyproject.toml: the image has no package metadata


class Settings(SettingFields):
    """The settings of a process, checked for contradictions and, in production, for unsafe values."""

    @model_validator(mode="after")
    def _settings_agree(self) -> Self:
        """Report all errors at once, so that they can be fixed in one go."""
        wrong = [*self._contradictions()]
        if self.environment == "production":
            wrong += [f"in production: {fault}" for fault in production.faults(self)]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def _contradictions(self) -> Iterator[str]:
        yield from unusable(os.environ)
        if self.tuhui_url and not self.tuhui_api_key:
            yield "TUHUI_URL is set without TUHUI_API_KEY"
        if bool(self.c2pa_certificate) != bool(self.c2pa_key):
            yield "C2PA_CERTIFICATE and C2PA_KEY belong together: set both, or neither"
        late, lost = self.designer_deadline_hours, self.designer_give_up_hours
        if late >= lost:
            yield f"DESIGNER_GIVE_UP_HOURS ({lost:g}) must be more than DESIGNER_DEADLINE_HOURS ({late:g})"
        opens, closes = self.shop_opens_at, self.shop_closes_at
        if opens >= closes:
            yield f"SHOP_OPENS_AT ({opens}) must be before SHOP_CLOSES_AT ({closes})"
        yield from self._contradictions_of_tokens()
        yield from self._contradictions_of_retention()
        if self.default_plan not in self.plans:
            yield f"DEFAULT_PLAN ({self.default_plan}) is not one of PLANS: {', '.join(sorted(self.plans))}"

    def _contradictions_of_retention(self) -> Iterator[str]:
        """Refuse to delete what an order that is still open works with, or what its history would write again."""
        for name in ("order_pictures_kept_days", "order_words_kept_days"):
            days, history, open_for = getattr(self, name), self.temporal_retention_days, self.aftercare_days
            if days and (days < history or days <= open_for):
                yield (
                    f"{name.upper()} ({days}) must be at least TEMPORAL_RETENTION_DAYS ({history}) and more than "
                    f"AFTERCARE_DAYS ({open_for:g}), or 0"
                )
        if 0 < self.order_words_kept_days < SIX_MONTHS:
            yield (
                f"ORDER_WORDS_KEPT_DAYS ({self.order_words_kept_days}) must be at least {SIX_MONTHS}, or 0: the law "
                "asks to keep consents to leave out the AI label for six months"
            )

    def _contradictions_of_tokens(self) -> Iterator[str]:
        is_symmetric = self.token_algorithm == SYMMETRIC
        if is_symmetric and self.token_jwks_url:
            yield "TOKEN_JWKS_URL is set, so TOKEN_ALGORITHM must be RS256 or ES256"
        if not is_symmetric and not self.token_jwks_url:
            yield f"TOKEN_ALGORITHM is {self.token_algorithm}, so TOKEN_JWKS_URL must be set"


def read_settings() -> Settings:
    """Return the settings; if they are invalid, exit with a message that names each field."""
    try:
        return Settings()
    except (ValidationError, SettingsError) as error:
        sys.exit(f"darkroom: invalid settings: {refusal(error)}")


def refusal(error: ValidationError | SettingsError) -> str:
    """Describe what is wrong with settings or input: fields, but no values, which may be secret."""
    if isinstance(error, SettingsError):  # the field is only in its message
        named = re.search(r'field "(\w+)"', str(error))
        return _fault(named[1].upper() if named else "", "invalid JSON (in a shell, put it in single quotes)")
    return "; ".join(_fault(".".join(map(str, fault["loc"])).upper(), fault["msg"]) for fault in error.errors())


def _fault(field: str, message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message if not field or message.startswith(field) else f"{field}: {message}"
