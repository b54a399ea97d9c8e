"""The local image model: packaged networks and OpenCV on this machine's CPU, used if no API key is set."""

import time
from decimal import Decimal
from typing import Any

from adapters.imaging.children import Children
from adapters.imaging.limits import Limits
from adapters.imaging.made import Made
from domain.order.lineup import LOCAL
from domain.ports import EncodedImage, Generation, InputLimits, Wish
from domain.vocabulary.errors import ModelRefused, PictureUnreadable
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import Analysis, Look, ModelCall

MEASURES = "local-measures"


class LocalModel:
    """Makes, analyses and scores pictures, free of charge. Records call it `local`.

    `parameters["method"]` and the call's model name, e.g. local-realesrgan-x4, name the network or method used.
    """

    provider = LOCAL
    model = "local"
    vision_model = MEASURES
    takes = InputLimits()

    def __init__(self, children: Children, limits: Limits | None = None) -> None:
        self._children = children
        self._limits = (limits or Limits()).ours  # it sees originals and results

    def parameters(self, wish: Wish, aspect_ratio: str) -> dict[str, str]:  # noqa: ARG002 - the port's
        """Return nothing: the parameters are known only afterwards."""
        return {}

    async def generate(self, original: EncodedImage, wish: Wish, aspect_ratio: str) -> Generation:  # noqa: ARG002 - the port's
        """Return a raw picture in the original's aspect ratio; `aspect_ratio` is ignored. Raises ModelRefused."""
        begun = time.monotonic()
        made: Made = await self._run("make:make", original, wish)
        return Generation((made.image,), _call(made.model, begun, pictures=1), made.parameters)

    async def analyse(self, picture: EncodedImage, words: str) -> tuple[Analysis, ModelCall]:
        """Analyse a picture by measuring it. Raises ModelRefused if it is unreadable."""
        begun = time.monotonic()
        analysis: Analysis = await self._run("analyse:analyse", picture, words)
        return analysis, _call(MEASURES, begun)

    async def score(self, original: EncodedImage, result: EncodedImage, wish: Wish) -> tuple[Look, ModelCall]:
        """Score a result by measuring it. Raises ModelRefused if a picture is unreadable."""
        begun = time.monotonic()
        look: Look = await self._run("score:score", original, result, wish)
        return look, _call(MEASURES, begun)

    async def _run(self, job: str, *arguments: Any) -> Any:
        try:
            return await self._children.run(job, *arguments, self._limits)
        except PictureUnreadable as error:
            raise ModelRefused(str(error), Outcome.BAD_INPUT, why=error.told) from error


def _call(model: str, begun: float, pictures: int = 0) -> ModelCall:
    latency_ms = round((time.monotonic() - begun) * 1000)
    return ModelCall(
        provider=LOCAL, model=model, pictures=pictures, cost=Decimal(0), latency_ms=latency_ms, finish_reason="STOP"
    )
