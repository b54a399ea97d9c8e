"""Gemini through google-genai: makes, analyses and scores pictures."""

import asyncio
import time
from datetime import timedelta
from typing import TypeVar

import httpx2
from google import genai
from google.genai import types
from pydantic import BaseModel

from adapters import prompts
from adapters.gemini.answers import classify, finish_reason, json_of, pictures_of, usage
from domain.ports import EncodedImage, Generation, InputLimits, Wish
from domain.vocabulary.pictures import Analysis, Look, ModelCall

Answer = TypeVar("Answer", bound=BaseModel)

# Aspect ratios of the image models; for any other they keep the original's.
ASPECT_RATIOS = frozenset({"1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"})

MOST_BYTES = 7_000_000  # per picture: a request holds up to two in base64, and is limited to 20 MB
CONNECT_SECONDS = 10.0
PIXELS_OF_1K, PIXELS_OF_2K = 1024, 2048


class Gemini:
    """The ports ImageModel and Vision: an image model and a vision model with one API key."""

    provider = "gemini"
    takes = InputLimits(most_bytes=MOST_BYTES)

    def __init__(
        self,
        api_key: str,
        *,
        model: str,
        vision_model: str,
        base_url: str | None = None,
        timeout: timedelta = timedelta(minutes=2),
    ) -> None:
        self.model = model
        self.vision_model = vision_model
        self._timeout = timeout.total_seconds()
        # Without a version google-genai 3.x calls /v1. It does not retry by default; Temporal does.
        options = types.HttpOptions(
            api_version="v1beta",
            base_url=base_url,
            timeout=round(self._timeout * 1000),
            async_client_args={"event_hooks": {"request": [self._connect_soon]}},
        )
        self._client = genai.Client(api_key=api_key, vertexai=False, http_options=options)

    def parameters(self, wish: Wish, aspect_ratio: str) -> dict[str, str]:
        """Return the size and, if supported, the aspect ratio of a call."""
        ratio = {"aspect_ratio": aspect_ratio} if aspect_ratio in ASPECT_RATIOS else {}
        return {"image_size": _image_size(wish)} | ratio

    async def generate(self, original: EncodedImage, wish: Wish, aspect_ratio: str) -> Generation:
        """Return the model's raw pictures. Raises ModelError."""
        shape = types.ImageConfig.model_validate(self.parameters(wish, aspect_ratio))
        config = types.GenerateContentConfig(response_modalities=["IMAGE"], image_config=shape)
        response, call = await self._ask(self.model, [prompts.generation_prompt(wish), original], config)
        pictures = pictures_of(response, call)
        return Generation(pictures, call.model_copy(update={"pictures": len(pictures)}))

    async def analyse(self, picture: EncodedImage, words: str) -> tuple[Analysis, ModelCall]:
        """Analyse a picture; `words` are the customer's. Raises ModelError."""
        return await self._look([prompts.ANALYSIS.format(words=words), picture], Analysis)

    async def score(self, original: EncodedImage, result: EncodedImage, wish: Wish) -> tuple[Look, ModelCall]:
        """Score a result against the request. Raises ModelError."""
        prompt = prompts.SCORE.format(operation=wish.operation, prompt=wish.prompt)
        judged, call = await self._look([prompt, "Original:", original, "Result:", result], prompts.Judgement)
        return Look.model_validate(judged.model_dump()), call

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aio.aclose()
        self._client.close()

    async def _look(self, contents: list[str | EncodedImage], answer: type[Answer]) -> tuple[Answer, ModelCall]:
        config = types.GenerateContentConfig(
            response_mime_type="application/json", response_json_schema=prompts.answer_schema(answer)
        )
        response, call = await self._ask(self.vision_model, contents, config)
        return json_of(response, call, answer), call

    async def _ask(
        self, model: str, contents: list[str | EncodedImage], config: types.GenerateContentConfig
    ) -> tuple[types.GenerateContentResponse, ModelCall]:
        started = time.perf_counter()
        content = types.Content(role="user", parts=[_part(item) for item in contents])
        try:
            async with asyncio.timeout(self._timeout):  # the SDK's timeout restarts with every byte received
                response = await self._client.aio.models.generate_content(model=model, contents=content, config=config)
        except Exception as error:  # noqa: BLE001 - the SDK may raise anything for an unexpected response
            raise classify(error) from None  # the cause would be logged, and may contain the key
        return response, self._call(model, response, time.perf_counter() - started)

    async def _connect_soon(self, request: httpx2.Request) -> None:
        """Limit the time to connect: a call that never connected is not billed, so this must be told from a timeout."""
        soon = min(CONNECT_SECONDS, self._timeout / 4)
        request.extensions["timeout"] = {**request.extensions.get("timeout", {}), "connect": soon, "pool": soon}

    def _call(self, model: str, response: types.GenerateContentResponse, seconds: float) -> ModelCall:
        return ModelCall(
            provider=self.provider,
            model=model,
            latency_ms=round(seconds * 1000),
            request_id=response.response_id,
            finish_reason=finish_reason(response),
            **usage(response, "image" if model == self.model else "text"),
        )


def _image_size(wish: Wish) -> str:
    """Return the smallest sufficient size: 2K costs 50 % more, which an ID photo does not need."""
    if wish.size is None:
        return "2K"
    long_side = max(wish.size.width, wish.size.height)
    return "1K" if long_side <= PIXELS_OF_1K else "2K" if long_side <= PIXELS_OF_2K else "4K"


def _part(item: str | EncodedImage) -> types.Part:
    if isinstance(item, str):
        return types.Part.from_text(text=item)
    return types.Part.from_bytes(data=item.data, mime_type=item.content_type)
