"""Our download links: signed, without expiry, each valid for one file."""

from collections.abc import Sequence
from hashlib import sha256
from urllib.parse import quote

from itsdangerous import BadData, URLSafeSerializer

from domain.vocabulary.errors import LinkUnreadable


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
