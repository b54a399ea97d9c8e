"""Gemini through google-genai: makes pictures, takes a first look at them, and scores results."""

import asyncio
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import TypeVar

import httpx2
from google import genai
from google.genai import errors, types
from pydantic import BaseModel

from adapters import gemini_prompts as prompts
from adapters.gemini_answers import classify, finish_reason, json_of, picture_of, usage
from adapters.gemini_prices import PRICES, TokenPrices, cost
from domain.pictures import Analysis, Look, ModelCall
from domain.ports import EncodedImage, Generation, Wish

Answer = TypeVar("Answer", bound=BaseModel)

# What the image models can frame; asked for another ratio, they keep the original's.
ASPECT_RATIOS = frozenset({"1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"})

PIXELS_OF_2K = 2048


class Gemini:
    """One image model and one vision model behind one key: the ports ImageModel and Vision."""

    provider = "gemini"

    def __init__(
        self,
        api_key: str,
        *,
        model: str,
        vision_model: str,
        base_url: str | None = None,
        timeout: timedelta = timedelta(minutes=2),
        prices: Mapping[str, TokenPrices] = PRICES,
    ) -> None:
        self.model = model
        self._vision_model = vision_model
        self._prices = prices
        self._timeout = timeout.total_seconds()
        # Without a version google-genai 3.x calls /v1. It retries nothing unless asked: Temporal does.
        options = types.HttpOptions(api_version="v1beta", base_url=base_url, timeout=round(self._timeout * 1000))
        self._client = genai.Client(api_key=api_key, vertexai=False, http_options=options)

    async def generate(self, original: EncodedImage, wish: Wish, aspect_ratio: str) -> Generation:
        """Return the model's raw picture. Raises ModelRefused, ModelUnavailable, ModelAnswerUnusable."""
        ratio = aspect_ratio if aspect_ratio in ASPECT_RATIOS else None
        size = _image_size(wish)
        config = types.GenerateContentConfig(
            response_modalities=["IMAGE"], image_config=types.ImageConfig(aspect_ratio=ratio, image_size=size)
        )
        response, call = await self._ask(self.model, [prompts.generation_prompt(wish), original], config)
        parameters = {"image_size": size} | ({"aspect_ratio": ratio} if ratio else {})
        return Generation(picture_of(response), call, parameters)

    async def analyse(self, picture: EncodedImage, words: str) -> tuple[Analysis, ModelCall]:
        """Say what the picture is and what it needs. Raises ModelError."""
        return await self._look([prompts.ANALYSIS.format(words=words), picture], Analysis)

    async def score(self, original: EncodedImage, result: EncodedImage, wish: Wish) -> tuple[Look, ModelCall]:
        """Compare a result with what was asked for. Raises ModelError."""
        prompt = prompts.SCORE.format(operation=wish.operation, prompt=wish.prompt)
        return await self._look([prompt, "Original:", original, "Result:", result], Look)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aio.aclose()
        self._client.close()

    async def _look(self, contents: list[str | EncodedImage], answer: type[Answer]) -> tuple[Answer, ModelCall]:
        config = types.GenerateContentConfig(
            response_mime_type="application/json", response_json_schema=prompts.answer_schema(answer)
        )
        response, call = await self._ask(self._vision_model, contents, config)
        return json_of(response, answer), call

    async def _ask(
        self, model: str, contents: list[str | EncodedImage], config: types.GenerateContentConfig
    ) -> tuple[types.GenerateContentResponse, ModelCall]:
        started = time.perf_counter()
        content = types.Content(role="user", parts=[_part(item) for item in contents])
        try:
            async with asyncio.timeout(self._timeout):  # the SDK's own limit starts anew with every byte of a slow drip
                response = await self._client.aio.models.generate_content(model=model, contents=content, config=config)
        except (errors.APIError, httpx2.HTTPError, TimeoutError, ValueError) as error:
            raise classify(error) from error
        return response, self._call(model, response, time.perf_counter() - started)

    def _call(self, model: str, response: types.GenerateContentResponse, seconds: float) -> ModelCall:
        call = ModelCall(
            provider=self.provider,
            model=model,
            latency_ms=round(seconds * 1000),
            request_id=response.response_id,
            finish_reason=finish_reason(response),
            **usage(response),
        )
        call.cost = cost(self._prices.get(model), call.input_tokens, call.output_tokens)
        return call


def _image_size(wish: Wish) -> str:
    return "4K" if wish.size and max(wish.size.width, wish.size.height) > PIXELS_OF_2K else "2K"


def _part(item: str | EncodedImage) -> types.Part:
    if isinstance(item, str):
        return types.Part.from_text(text=item)
    return types.Part.from_bytes(data=item.data, mime_type=item.content_type)
