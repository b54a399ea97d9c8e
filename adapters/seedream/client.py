"""Seedream on Volcengine Ark: makes pictures, and downloads them at once, since their URLs expire.

The API is Ark's `POST /images/generations`. It has neither idempotency keys nor task ids: a call that times out may
still be billed.
"""

import asyncio
import base64
import json
import time
from datetime import timedelta
from typing import Any

import httpx

from adapters import prompts
from adapters.seedream.answers import NETWORK_ERRORS, Answered, classify, read, without_pictures
from adapters.seedream.models import of_model, parameters
from domain.ports import EncodedImage, Generation, InputLimits, Web, Wish
from domain.texts.phrase import said
from domain.vocabulary.errors import ModelAnswerUnusable, ModelRefused, OutsideUnavailable, PictureUnreachable
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import ModelCall

LONGEST_ANSWER = 1_000_000  # bytes; pictures are sent as URLs
FETCHES = 3  # attempts to download a picture, which is already paid for
PAUSE = 0.5  # seconds between them
CONNECT_SECONDS = 10.0  # a call that never connected is not billed, so this must be told from a timeout


class Seedream:
    """The port ImageModel: one model with one API key. `web` downloads the results."""

    provider = "seedream"

    def __init__(
        self,
        api_key: str,
        client: httpx.AsyncClient,
        web: Web,
        *,
        model: str,
        base_url: str,
        timeout: timedelta = timedelta(minutes=2),
        pictures: int = 1,
    ) -> None:
        self.model = model
        self._headers = {
            "authorization": f"Bearer {api_key}",
            "content-type": "application/json",
            "accept-encoding": "identity",
        }
        self._client = client
        self._web = web
        self._url = f"{base_url.rstrip('/')}/images/generations"
        self._timeout = timeout.total_seconds()
        connecting = min(CONNECT_SECONDS, self._timeout / 4)
        self._timeouts = httpx.Timeout(self._timeout, connect=connecting, pool=connecting)
        self._takes = of_model(model)
        self._pictures = min(pictures, self._takes.most_pictures)

    @property
    def takes(self) -> InputLimits:
        """The limits on input pictures."""
        return self._takes.inputs

    def parameters(self, wish: Wish, aspect_ratio: str) -> dict[str, str]:
        """Return the parameters of a call besides picture and prompt."""
        asked = parameters(self._takes, wish, aspect_ratio, self._pictures)
        return {name: _plain(value) for name, value in asked.items()}

    async def generate(self, original: EncodedImage, wish: Wish, aspect_ratio: str) -> Generation:
        """Return the model's raw pictures. Raises ModelError."""
        if not self.takes.allow(original):
            most = (self.takes.most_bytes or 0) // 1_000_000
            why = said("model.too_large", provider=self.provider, most=most)
            raise ModelRefused(f"Seedream takes pictures of up to {most} MB", Outcome.BAD_INPUT, why=why)
        asked = parameters(self._takes, wish, aspect_ratio, self._pictures)
        prompt = prompts.generation_prompt(wish)
        body = await asyncio.to_thread(_body, {"model": self.model, "prompt": prompt, **asked}, original)
        answered, call = await self._ask(body)
        pictures, failures = await self._copied(answered)
        if not pictures:
            raise without_pictures(answered, call, failures)
        lacking = [*map(str, answered.errors), *failures]
        notes = {"errors": "; ".join(lacking)} if lacking else {}
        return Generation(tuple(pictures), call, notes)

    async def _ask(self, body: bytes) -> tuple[Answered, ModelCall]:
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout):  # httpx's timeout restarts with every byte received
                response, said = await self._post(body)
        except NETWORK_ERRORS as error:
            raise classify(error) from None  # the cause would be logged, and may contain the key
        answered = read(response.status_code, response.headers, said)
        call = ModelCall(
            provider=self.provider,
            model=self.model,
            output_tokens={"image": answered.output_tokens} if answered.output_tokens else {},
            pictures=answered.generated_images,
            latency_ms=round((time.monotonic() - started) * 1000),
            request_id=response.headers.get("x-request-id"),
        )
        return answered, call

    async def _post(self, body: bytes) -> tuple[httpx.Response, bytes]:
        said = bytearray()
        async with self._client.stream(
            "POST", self._url, content=body, headers=self._headers, timeout=self._timeouts, follow_redirects=False
        ) as response:
            async for chunk in response.aiter_raw():
                said += chunk
                if len(said) > LONGEST_ANSWER:
                    message = f"Seedream's answer is longer than {LONGEST_ANSWER} bytes"
                    raise ModelAnswerUnusable(message, Outcome.GARBLED, possibly_billed=True)
        return response, bytes(said)

    async def _copied(self, answered: Answered) -> tuple[list[EncodedImage], list[str]]:
        """Download all results; return the pictures, and the errors of those that failed."""
        got = await asyncio.gather(*(self._fetch(url) for url in answered.urls))
        return [one for one in got if isinstance(one, EncodedImage)], [one for one in got if isinstance(one, str)]

    async def _fetch(self, url: str) -> EncodedImage | str:
        why = ""
        for number in range(FETCHES):
            await asyncio.sleep(PAUSE if number else 0)
            try:
                async with asyncio.timeout(self._timeout):
                    return await self._web.fetch(url)
            except PictureUnreachable as error:
                return str(error)
            except (OutsideUnavailable, TimeoutError) as error:
                why = repr(error)
        return why


def _body(asked: dict[str, Any], picture: EncodedImage) -> bytes:
    """Return the JSON of a request, with the picture inserted as it is: escaping 13 MB blocks all threads for 0.2 s."""
    image = json.dumps(f"data:{picture.content_type};base64,")[:-1].encode()
    return b"".join([json.dumps(asked)[:-1].encode(), b', "image": ', image, base64.b64encode(picture.data), b'"}'])


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
