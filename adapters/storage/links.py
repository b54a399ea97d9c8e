"""Our links to files: signed, each valid for one file."""

import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from urllib.parse import quote

from itsdangerous import BadData, URLSafeSerializer

from domain.vocabulary.errors import LinkUnreadable

HALF_A_DAY = 12 * 3600.0  # seconds


class DownloadLinks:
    """Creates and verifies `{base}/d/{token}/{filename}`. Links signed with older secrets remain valid."""

    def __init__(self, secret: str, base_url: str, older_secrets: Sequence[str] = ()) -> None:
        self._base_url = base_url.rstrip("/")
        self._serializer = URLSafeSerializer(
            [*older_secrets, secret],  # the last one signs
            salt="darkroom.download",
            signer_kwargs={"digest_method": sha256, "key_derivation": "hmac"},
        )

    def url(self, key: str, filename: str) -> str:
        """Return the link to a file in storage, to be saved under this name."""
        token = self._serializer.dumps([key, filename])
        return f"{self._base_url}/d/{quote(str(token))}/{quote(filename, safe='')}"

    def read(self, token: str) -> tuple[str, str]:
        """Return the key and filename in a token. Raises LinkUnreadable."""
        try:
            key, filename = self._serializer.loads(token)
        except BadData as error:
            raise LinkUnreadable("the link is incomplete or invalid") from error
        return key, filename


class ImageLinks:
    """Creates and verifies `{base}/api/task-history/images/{token}`: images of a user that a page can embed.

    They expire, as they need no sign-in. Within half a day they stay the same, so that browsers can cache the images.
    """

    def __init__(self, secret: str, base_url: str, clock: Callable[[], float] = time.time) -> None:
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._serializer = URLSafeSerializer(
            secret, salt="darkroom.image", signer_kwargs={"digest_method": sha256, "key_derivation": "hmac"}
        )

    def url(self, key: str, *, is_small: bool = False) -> str:
        """Return the link to an image in storage, or to its thumbnail, valid for 12 to 24 hours."""
        last = int(self._clock() // HALF_A_DAY) + 1
        token = self._serializer.dumps([key, is_small, last])
        return f"{self._base_url}/api/task-history/images/{quote(str(token))}"

    def read(self, token: str) -> tuple[str, bool]:
        """Return the key of an image, and whether its thumbnail is meant. Raises LinkUnreadable."""
        try:
            key, is_small, last = self._serializer.loads(token)
        except BadData as error:
            raise LinkUnreadable("the link is incomplete or invalid") from error
        if self._clock() // HALF_A_DAY > last:
            raise LinkUnreadable("the link has expired: fetch the record again")
        return key, is_small
