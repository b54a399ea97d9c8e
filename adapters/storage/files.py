"""Private files in S3 storage, with obstore; our download links create a presigned URL per click."""

import asyncio
import io
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from adapters.storage.links import DownloadLinks
from adapters.storage.presigning import content_disposition, with_response_headers
from domain.ports import EncodedImage
from domain.upkeep.ports import StoredFile
from domain.vocabulary import ids
from domain.vocabulary.errors import KeyUnusable, OutsideRefused, OutsideUnavailable, away, refuses

if TYPE_CHECKING:
    from obstore import GetResult, ObjectMeta  # these exist for type checkers only
    from obstore.store import S3Config

CONNECT = timedelta(seconds=5)
PROBED, WRITTEN_EVERY = "healthz/", 60.0  # seconds
TRANSFER = timedelta(seconds=60)
# S3 errors that are permanent for a file, and those that staff must fix; all others are retried.
NEVER = {
    "KeyTooLongError",
    "InvalidArgument",
    "InvalidURI",
    "EntityTooLarge",
    "MetadataTooLarge",
    "InvalidStorageClass",
}
SET_UP = {"NoSuchBucket", "InvalidBucketName", "AuthorizationHeaderMalformed", "InvalidAccessKeyId", "AccountProblem"}
_CODE = re.compile(r"<Code>(\w+)</Code>")
PIECE = 256 * 1024  # bytes
DIGEST = "sha256"  # metadata key: the hash of the stored bytes, checked on reading


class S3Files:
    """The Files port on a bucket. An empty endpoint means AWS.

    Presigned links use `public_url`, if browsers reach the storage at another URL than we do.
    """

    def __init__(
        self,
        *,
        bucket: str,
        access_key_id: str,
        secret_access_key: str,
        region: str,
        endpoint_url: str | None,
        links: DownloadLinks,
        public_url: str | None = None,
    ) -> None:
        self._links = links
        self._written_at = -WRITTEN_EVERY
        self._secret_access_key = secret_access_key
        config: S3Config = {
            "access_key_id": access_key_id,
            "secret_access_key": secret_access_key,
            "region": region,
            "checksum_algorithm": "SHA256",  # the server verifies each upload
        }
        self._store = _store(bucket, config, endpoint_url)
        self._public = _store(bucket, config, public_url) if public_url else self._store  # only signs, never connects

    async def put(self, key: str, data: bytes, content_type: str, filename: str | None = None) -> str:
        """Store the bytes and return their SHA-256 in hex. Raises KeyUnusable, OutsideUnavailable, OutsideRefused."""
        digest = await _sha256(data)
        attributes = {"Content-Type": content_type, DIGEST: digest}
        if filename:
            attributes["Content-Disposition"] = content_disposition(filename)
        with _translated(key):
            # Not multipart: an interrupted upload leaves nothing behind.
            await obstore.put_async(self._store, checked(key), data, attributes=attributes, use_multipart=False)
        return digest

    async def put_file(self, key: str, path: Path, content_type: str) -> str:
        """Store a file that lies on disk, without reading it into our memory; return its hash. Raises like `put`."""
        digest = await asyncio.to_thread(_digest_of, path)
        attributes = {"Content-Type": content_type, DIGEST: digest}
        with _translated(key):
            await obstore.put_async(self._store, checked(key), path, attributes=attributes, use_multipart=False)
        return digest

    async def save(self, key: str, path: Path) -> None:
        """Write a file to disk, piece by piece. Raises KeyError, OutsideUnavailable, OutsideRefused."""
        await asyncio.to_thread(self._save, key, path)

    def _save(self, key: str, path: Path) -> None:
        with path.open("wb") as file:
            for piece in self.pieces(key):
                file.write(piece)

    def pieces(self, key: str) -> Iterator[bytes]:
        """Read a file piece by piece, in a thread. Raises KeyError at once, OutsideUnavailable, OutsideRefused."""
        with _translated(key):
            found = obstore.get(self._store, checked(key))
        return self._pieces(key, found)

    def _pieces(self, key: str, found: "GetResult") -> Iterator[bytes]:
        with _translated(key):
            for piece in found.stream(min_chunk_size=PIECE):
                yield bytes(piece)

    async def get(self, key: str) -> EncodedImage:
        """Read a file. Raises KeyError if it does not exist, OutsideUnavailable, OutsideRefused."""
        with _translated(key):
            found = await obstore.get_async(self._store, checked(key))
            data = await _received(found)
        stored = found.attributes.get(DIGEST)
        if stored and stored != await _sha256(data):
            raise OutsideUnavailable(f"storage returned corrupt data for {key}", why=away("storage"))
        return EncodedImage(data, found.attributes.get("Content-Type", "application/octet-stream"))

    async def find(self, prefix: str) -> str | None:
        """Return the first key with this prefix, or None.

        Raises KeyUnusable, OutsideUnavailable, OutsideRefused.
        """
        folder, _, _ = prefix.rpartition("/")  # obstore lists whole folders only
        with _translated(prefix):
            if folder:
                checked(folder)
            found = await obstore.list(self._store, folder).collect_async()
        return min((str(entry["path"]) for entry in found if entry["path"].startswith(prefix)), default=None)

    async def size(self, key: str) -> int:
        """Return the size in bytes. Raises KeyError if there is no such file, OutsideUnavailable, OutsideRefused."""
        with _translated(key):
            return (await obstore.head_async(self._store, checked(key)))["size"]

    async def delete(self, key: str) -> None:
        """Delete a file, if it exists. Raises OutsideUnavailable, OutsideRefused."""
        with suppress(KeyError), _translated(key):
            await obstore.delete_async(self._store, checked(key))

    async def page(self, folder: str, after: str, most: int) -> list[StoredFile]:
        """Return the next files below a folder in the order of their keys, beginning after one; empty at the end.

        Raises KeyUnusable, OutsideUnavailable, OutsideRefused.
        """
        with _translated(folder):
            listed = obstore.list(self._store, checked(folder), offset=after or None, chunk_size=most)
            found: Sequence[ObjectMeta] = await anext(listed, [])
        return [StoredFile(str(entry["path"]), entry["last_modified"]) for entry in found]

    async def delete_all(self, keys: Sequence[str]) -> None:
        """Delete files, if they exist. Raises KeyUnusable, OutsideUnavailable, OutsideRefused."""
        if keys:
            with _translated(keys[0]):
                await obstore.delete_async(self._store, [checked(key) for key in keys])

    async def delete_folder(self, folder: str) -> None:
        """Delete all files in a folder. Raises KeyUnusable, OutsideUnavailable, OutsideRefused."""
        with _translated(folder):
            found = await obstore.list(self._store, checked(folder)).collect_async()
        await self.delete_all([str(entry["path"]) for entry in found])

    async def probe(self) -> None:
        """Check that storage answers; once a minute by writing a file, as a full disk can still be read."""
        await self.find(PROBED)
        if time.monotonic() - self._written_at > WRITTEN_EVERY:
            await self.put(f"{PROBED}written", b"-", "text/plain")
            self._written_at = time.monotonic()

    def link(self, key: str, filename: str) -> str:
        """Return a download link, which creates a presigned URL when opened."""
        return self._links.url(key, filename)

    async def presign(self, key: str, filename: str, expires: timedelta, method: Literal["GET", "HEAD"] = "GET") -> str:
        """Return a presigned URL, valid for `expires`, that saves the file under this name."""
        with _translated(key):
            presigned = await obstore.sign_async(self._public, method, checked(key), expires)
        saved_as = {"response-content-disposition": content_disposition(filename)}
        return with_response_headers(presigned, self._secret_access_key, saved_as, method)


def _store(bucket: str, config: "S3Config", endpoint_url: str | None) -> S3Store:
    return S3Store(
        bucket,
        config={**config, "endpoint": endpoint_url} if endpoint_url else config,
        client_options={
            "allow_http": bool(endpoint_url and endpoint_url.startswith("http://")),
            "connect_timeout": CONNECT,
            "timeout": TRANSFER,
        },
        retry_config={"max_retries": 2, "retry_timeout": TRANSFER},  # longer retries are up to Temporal
    )


async def _received(found: "GetResult") -> bytes:
    """Return a file's bytes, copied piece by piece: one copy of 100 MB blocks the event loop for 0.2 seconds."""
    received = io.BytesIO()
    async for piece in found.stream(min_chunk_size=PIECE):
        received.write(piece)
    return received.getvalue()


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, DIGEST).hexdigest()


async def _sha256(data: bytes) -> str:
    """Hash in a thread: 30 MB would block the event loop for a tenth of a second."""
    return (await asyncio.to_thread(sha256, data)).hexdigest()


@contextmanager
def _translated(key: str) -> Iterator[None]:
    """Translate obstore's errors, keeping only the first line of their long messages."""
    try:
        yield
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise OutsideRefused(f"storage refuses us: {_first_line(error)}", why=refuses("storage")) from error
    except (FileNotFoundError, BaseError) as error:
        raise _failure(key, error) from error
    except (ValueError, TypeError) as error:  # a key that obstore rejects
        raise KeyUnusable("no file can lie under such a name") from error


def _failure(key: str, error: Exception) -> Exception:
    code = found[1] if (found := _CODE.search(str(error))) else ""
    if code in SET_UP:
        return OutsideRefused(f"storage refuses us: {code}", why=refuses("storage", code))
    if isinstance(error, FileNotFoundError):
        return KeyError(key)
    if code in NEVER:
        return KeyUnusable(f"storage takes no such file: {code}")
    if "status code: 403" in _first_line(error):  # obstore has no error class for it when listing
        return OutsideRefused(f"storage refuses us: {_first_line(error)}", why=refuses("storage", "403"))
    return OutsideUnavailable(f"storage is away: {code or _first_line(error)}", why=away("storage", code))


def checked(key: str) -> str:
    """Return the key, if it is valid. Raises KeyUnusable.

    Storage takes an empty key for the whole bucket, and normalises some others to different keys.
    """
    if not ids.is_key(key):
        raise KeyUnusable("no file can lie under such a name")
    return key


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
