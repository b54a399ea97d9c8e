"""Files in a real S3 server: what is put is what is read, and each failure has its name."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import obstore
import pytest
from obstore.exceptions import GenericError

from activities.fetching import fetch_picture
from adapters.storage.files import S3Files, _translated
from adapters.storage.links import DownloadLinks
from adapters.storage.presigning import content_disposition
from domain.vocabulary.errors import KeyUnusable, OutsideRefused, OutsideUnavailable, PictureUnreachable
from tests import fakes
from tests.conftest import Servers
from tests.integration.conftest import Storage, open_files

FOLDER = "task-history/tb_001/TASK_20261122_7K3F9Q_1"
MINUTE = timedelta(minutes=1)


async def test_what_is_put_is_what_is_read(files: S3Files) -> None:
    data = bytes(range(256)) * 100
    digest = await files.put(f"{FOLDER}/original.jpg", data, "image/jpeg")
    read = await files.get(f"{FOLDER}/original.jpg")
    assert (read.data, read.content_type) == (data, "image/jpeg")
    assert digest == hashlib.sha256(data).hexdigest()


async def test_a_file_goes_from_disk_to_storage_and_back(files: S3Files, tmp_path: Path) -> None:
    data, there, back = bytes(range(256)) * 5000, tmp_path / "there", tmp_path / "back"
    there.write_bytes(data)
    assert await files.put_file("layers.psd", there, "image/vnd.adobe.photoshop") == hashlib.sha256(data).hexdigest()
    await files.save("layers.psd", back)
    assert back.read_bytes() == data
    with pytest.raises(KeyError):
        await files.save("none.psd", back)


async def test_a_file_of_thirty_megabytes_is_stored_in_one_piece(files: S3Files) -> None:
    data = b"\x89PNG" * 7_500_000
    digest = await files.put("large.png", data, "image/png")
    read = await files.get("large.png")
    assert hashlib.sha256(read.data).hexdigest() == digest


async def test_the_same_key_again_replaces_the_file(files: S3Files) -> None:
    await files.put("again.txt", b"first", "text/plain")
    await files.put("again.txt", b"second", "text/plain")
    assert (await files.get("again.txt")).data == b"second"


async def test_a_missing_file_is_a_key_error(files: S3Files) -> None:
    await files.put("there.txt", b"", "text/plain")
    with pytest.raises(KeyError, match=r"not-there\.png"):
        await files.get("not-there.png")


async def test_a_removed_file_is_gone_and_removing_it_again_is_no_trouble(files: S3Files) -> None:
    await files.put("library/1.jpg", b"x", "image/jpeg")
    for _ in range(2):
        await files.delete("library/1.jpg")
    with pytest.raises(KeyError):
        await files.get("library/1.jpg")


async def test_a_key_is_found_by_the_beginning_of_its_name(files: S3Files) -> None:
    for name in ("attempt-10.png", "attempt-1.png", "attempt-2.jpg", "deep/attempt-1.png"):
        await files.put(f"{FOLDER}/{name}", b"x", "image/png")
    assert await files.find(f"{FOLDER}/attempt-1.") == f"{FOLDER}/attempt-1.png"
    assert await files.find(f"{FOLDER}/attempt-2.") == f"{FOLDER}/attempt-2.jpg"
    assert await files.find(f"{FOLDER}/attempt-3.") is None
    assert await files.find("no-such-folder/attempt-1.") is None


async def test_bytes_that_changed_in_storage_are_noticed(files: S3Files) -> None:
    await files.put("changed.txt", b"what was put", "text/plain")
    attributes = {"sha256": hashlib.sha256(b"what was put").hexdigest()}
    await obstore.put_async(files._store, "changed.txt", b"something else", attributes=attributes)
    with pytest.raises(OutsideUnavailable, match="corrupt"):
        await files.get("changed.txt")


async def test_a_presigned_link_saves_the_file_under_the_customers_name_for_it(files: S3Files) -> None:
    await files.put("named.png", b"picture", "image/png", filename="attempt-1.png")
    link = await files.presign("named.png", '王芳 "1".png', MINUTE)
    async with httpx.AsyncClient() as web:
        answer = await web.get(link)
    assert (answer.status_code, answer.content) == (200, b"picture")
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == content_disposition('王芳 "1".png')


async def test_a_file_put_with_a_name_keeps_it_in_storage(files: S3Files) -> None:
    await files.put("kept.png", b"picture", "image/png", filename="照片.png")
    async with httpx.AsyncClient() as web:
        answer = await web.get(await obstore.sign_async(files._store, "GET", "kept.png", MINUTE))
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''%E7%85%A7%E7%89%87.png"


async def test_a_presigned_link_is_good_for_its_method_and_file_only(files: S3Files) -> None:
    await files.put("图 片/一.png", b"picture", "image/png")
    await files.put("other.png", b"other", "image/png")
    link = await files.presign("图 片/一.png", "1.png", MINUTE, "HEAD")
    async with httpx.AsyncClient() as web:
        assert (await web.head(link)).status_code == 200
        assert (await web.get(link)).status_code == 403
        get = await files.presign("图 片/一.png", "1.png", MINUTE)
        assert (await web.get(get)).content == b"picture"
        assert (await web.get(get.replace("%E5%9B%BE%20%E7%89%87/%E4%B8%80.png", "other.png"))).status_code == 403
        assert (await web.get(get.replace("1.png", "2.png"))).status_code == 403


async def test_a_presigned_link_ends(files: S3Files) -> None:
    await files.put("short.png", b"picture", "image/png")
    link = await files.presign("short.png", "short.png", timedelta(seconds=1))
    await asyncio.sleep(2.1)
    async with httpx.AsyncClient() as web:
        assert (await web.get(link)).status_code == 403


async def test_without_a_signature_nothing_is_given_out(files: S3Files, storage: Storage) -> None:
    await files.put("private.png", b"picture", "image/png")
    async with httpx.AsyncClient() as web:
        assert (await web.get(f"{storage.endpoint_url}/{storage.bucket}/private.png")).status_code == 403


async def test_a_wrong_key_is_refused_for_good(storage: Storage) -> None:
    stranger = open_files(replace(storage, secret_access_key="wrong"))
    with pytest.raises(OutsideRefused, match="403"):
        await stranger.put("a.txt", b"", "text/plain")
    with pytest.raises(OutsideRefused):
        await stranger.get("a.txt")
    with pytest.raises(OutsideRefused):
        await stranger.find("a")


async def test_a_bucket_that_does_not_exist_is_a_wrong_set_up_and_no_missing_file(storage: Storage) -> None:
    lost = open_files(replace(storage, bucket="no-such-bucket"))
    with pytest.raises(OutsideRefused, match="NoSuchBucket"):
        await lost.get("a.txt")
    with pytest.raises(OutsideRefused, match="NoSuchBucket"):
        await lost.find("a")


async def test_a_server_that_is_not_there_is_away_for_now(storage: Storage) -> None:
    away = open_files(replace(storage, endpoint_url="http://127.0.0.1:1"))
    with pytest.raises(OutsideUnavailable, match="storage is away") as caught:
        await away.get("a.txt")
    assert "\n" not in str(caught.value)
    with pytest.raises(OutsideUnavailable):
        await away.put("a.txt", b"", "text/plain")


async def test_a_killed_server_is_away_until_it_is_back_with_every_file(servers: Servers, files: S3Files) -> None:
    await files.put("kept.txt", b"kept", "text/plain")
    servers.kill("storage")
    with pytest.raises(OutsideUnavailable):
        await files.get("kept.txt")
    servers.restart("storage")
    assert (await files.get("kept.txt")).data == b"kept"


async def test_an_upload_cut_off_half_way_is_away_for_now_and_leaves_nothing(files: S3Files, storage: Storage) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.transport.abort()

    server = await asyncio.start_server(cut, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(OutsideUnavailable):
            await open_files(replace(storage, endpoint_url=f"http://127.0.0.1:{port}")).put(
                "cut.png", b"x" * 10**6, "image/png"
            )


async def test_our_own_link_names_the_gateway_and_not_storage(files: S3Files, storage: Storage) -> None:
    link = files.link("named.png", "照片.png")
    assert link.startswith("http://gateway.test/d/")
    assert link.endswith("/%E7%85%A7%E7%89%87.png")
    assert storage.bucket not in link


async def test_a_link_into_storage_is_good_under_the_address_that_browsers_reach(storage: Storage) -> None:
    links = DownloadLinks("a-link-secret", "http://gateway.test")
    files = S3Files(**asdict(storage), links=links, public_url="http://pictures.shop.example")
    await files.put("seen-from-outside.txt", b"seen", "text/plain")
    link = urlsplit(await files.presign("seen-from-outside.txt", "seen.txt", MINUTE))
    assert link.netloc == "pictures.shop.example"
    inside = link._replace(netloc=urlsplit(storage.endpoint_url).netloc).geturl()
    async with httpx.AsyncClient() as client:  # a proxy passes the name on that the browser asked for
        assert (await client.get(inside, headers={"host": link.netloc})).content == b"seen"
        assert (await client.get(inside)).status_code == 403


NO_KEYS = [
    "", "/", "//", "a//b", ".", "..", "../x", "a/../b", "a/./b", "/a", "a/", "a\0b", "a\nb", "a\x7fb", "a%2Fb", "a?b#c",
    "\ud800", "x" * 1100, "a/" + "图" * 600,
]  # fmt: skip


@pytest.mark.parametrize("key", NO_KEYS, ids=[ascii(key)[:12] for key in NO_KEYS])
async def test_no_file_lies_under_a_name_that_storage_would_read_otherwise(files: S3Files, key: str) -> None:
    await files.put("there/one.png", b"x", "image/png")
    asked: list[Callable[[], Awaitable[object]]] = [
        lambda: files.get(key),
        lambda: files.size(key),
        lambda: files.put(key, b"x", "image/png"),
        lambda: files.presign(key, "x.png", timedelta(hours=1)),
    ]
    for ask in asked:
        with pytest.raises(KeyUnusable):
            await ask()
    await files.delete(key)
    assert (await files.get("there/one.png")).data == b"x"


async def test_a_picture_that_is_named_by_no_key_is_nobodys(files: S3Files) -> None:
    web = fakes.FakeWeb()
    with pytest.raises(PictureUnreachable):
        await fetch_picture(files, web, None, "../x")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        *((code, KeyUnusable) for code in ("KeyTooLongError", "InvalidArgument", "EntityTooLarge", "MetadataTooLarge")),
        *((code, OutsideRefused) for code in ("NoSuchBucket", "AuthorizationHeaderMalformed", "InvalidAccessKeyId")),
        *((code, OutsideUnavailable) for code in ("SlowDown", "InternalError", "RequestTimeout", "BadDigest", "Odd")),
    ],
)
def test_what_storage_answers_says_whether_to_come_back(code: str, kind: type[Exception]) -> None:
    answer = GenericError(f"PUT failed, status code: 400: <Error><Code>{code}</Code><Key>canary</Key></Error>")
    with pytest.raises(kind) as caught, _translated("key"):
        raise answer
    assert "canary" not in str(caught.value)


async def test_a_store_that_can_only_be_read_is_not_well(files: S3Files, monkeypatch: pytest.MonkeyPatch) -> None:
    await files.probe()

    async def full(*_: object, **__: object) -> None:
        raise GenericError("status code: 507: <Error><Code>InsufficientStorage</Code></Error>")

    monkeypatch.setattr(obstore, "put_async", full)
    await files.probe()  # it was written to a moment ago
    monkeypatch.setattr(files, "_written_at", -1000.0)
    with pytest.raises(OutsideUnavailable, match="InsufficientStorage"):
        await files.probe()
