import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import anyio
import psutil
import pytest

from adapters.imaging.children import Children
from adapters.imaging.limits import Limits
from adapters.imaging.local import LocalModel
from adapters.imaging.studio import Studio
from domain.library.photos import MOST_DISTANCE, distance
from domain.ports import EncodedImage, HandedIn, Wish
from domain.vocabulary.errors import ModelRefused, OutsideRefused, PictureUnreadable
from domain.vocabulary.pictures import Operation, TargetSize
from tests.unit.adapters.imaging.odd_files import png, with_scans

pytestmark = pytest.mark.asyncio(loop_scope="module")
PHOTO_FOLDER = Path(__file__).parents[4] / "demo/photos"
PHOTO = EncodedImage((PHOTO_FOLDER / "chelsea.png").read_bytes(), "image/png")


ENHANCE = Wish(Operation.ENHANCE, "")  # some ten seconds of work on this photograph


def child_processes() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "anyio.to_process" in " ".join(child.cmdline())]


async def test_pictures_are_worked_on_in_another_process() -> None:
    children = Children(processes=1)
    facts = await Studio(children).inspect(PHOTO)
    assert (facts.content_type, facts.width, facts.height) == ("image/png", 451, 300)
    assert child_processes()


async def test_a_picture_tells_its_likeness_and_its_clean_copy_keeps_it() -> None:
    studio = Studio(Children(processes=1))
    facts, copy = await studio.inspect(PHOTO), await studio.clean(PHOTO)
    assert copy.content_type == "image/jpeg"
    assert distance(facts.likeness, (await studio.inspect(copy)).likeness) <= MOST_DISTANCE


WORK_OF_A_WORKER = """
import asyncio, sys
from pathlib import Path
from adapters.imaging.children import Children
from adapters.imaging.local import LocalModel
from adapters.imaging.studio import Studio
from domain.vocabulary.pictures import Operation
from domain.ports import EncodedImage, HandedIn, Wish

async def work():
    photo, wish = EncodedImage(Path(sys.argv[1]).read_bytes(), "image/jpeg"), Wish(Operation.REMOVE_BG, "")
    children = Children(processes=1)
    model, studio = LocalModel(children), Studio(children)
    await model.analyse(photo, "")
    made = (await model.generate(photo, wish, "1:1")).images[0]
    result = await studio.finish(photo, made, wish)
    await studio.check(photo, result.file, result.view, wish)
    await model.score(photo, result.view, wish)
    await studio.previews(result.view)
    await studio.inspect(EncodedImage(b"none", "image/jpeg"))

if __name__ == "__main__":
    try:
        asyncio.run(work())
    except Exception as error:
        print(type(error).__name__)
    libraries = {"PIL", "cv2", "imagehash", "numpy", "ncnn", "onnxruntime", "pi_heif", "psd_tools"}
    print(sorted(libraries & set(sys.modules)))
"""


async def test_the_worker_itself_loads_no_picture_library_whatever_it_has_done() -> None:
    photo = PHOTO_FOLDER / "coffee.jpg"
    process = await anyio.run_process([sys.executable, "-c", WORK_OF_A_WORKER, str(photo)])
    assert process.stdout.decode().split("\n")[:2] == ["PictureUnreadable", "[]"]


async def test_a_poison_picture_is_refused_with_a_sentence_and_the_next_one_is_fine() -> None:
    studio = Studio(Children(processes=1), Limits(max_pixels=100_000))
    with pytest.raises(PictureUnreadable, match="megapixels"):
        await studio.inspect(PHOTO)
    with pytest.raises(PictureUnreadable, match="web page"):
        await studio.inspect(EncodedImage(b"<html>", "image/jpeg"))
    assert (await Studio(Children(processes=1)).inspect(PHOTO)).width == 451


async def test_a_child_that_dies_makes_the_picture_unreadable_and_spares_the_worker() -> None:
    children = Children(processes=1)
    await Studio(children).inspect(PHOTO)
    work = asyncio.create_task(LocalModel(children).generate(PHOTO, ENHANCE, "3:2"))
    while not work.done():
        await asyncio.sleep(0.5)
        for child in child_processes():
            child.kill()
    with pytest.raises(ModelRefused, match="too large"):
        await work
    assert (await Studio(children).inspect(PHOTO)).width == 451


async def test_memory_above_the_cap_is_refused() -> None:
    children = Children(processes=1, memory_mb=400)
    wish = Wish(Operation.RESIZE, "", TargetSize(width=15_000, height=15_000))
    with pytest.raises(PictureUnreadable, match="too large"):
        await Studio(children).finish(PHOTO, PHOTO, wish)


async def test_a_child_that_died_while_idle_is_replaced_unnoticed() -> None:
    studio = Studio(Children(processes=1))
    await studio.inspect(PHOTO)
    for child in child_processes():
        child.kill()
    assert (await studio.inspect(PHOTO)).width == 451


async def test_what_cannot_be_loaded_is_staffs_to_mend_not_the_pictures_fault() -> None:
    with pytest.raises(OutsideRefused, match="decode:no_such_job cannot be loaded: AttributeError"):
        await Children(processes=1).run("decode:no_such_job")


@pytest.mark.parametrize("arguments", [(None,), (PHOTO, None), (PHOTO, "words", Limits())])
@pytest.mark.parametrize("job", ["make:make", "finish:finish", "check:check", "preview:previews", "score:score"])
async def test_an_unforeseen_error_is_the_end_of_a_picture_told_without_the_vendors_class(
    job: str, arguments: tuple[Any, ...]
) -> None:
    with pytest.raises(PictureUnreadable, match="cannot be processed") as caught:
        await Children(processes=1).run(job, *arguments)
    assert caught.value.reason == "unforeseen"


async def test_a_step_that_takes_too_much_work_is_ended_once_and_its_child_with_it() -> None:
    children = Children(processes=1, cpu_seconds=2)
    begun = time.monotonic()
    with pytest.raises(ModelRefused, match="takes too long"):
        await LocalModel(children).generate(PHOTO, ENHANCE, "3:2")
    assert time.monotonic() - begun < 60
    assert (await Studio(children).inspect(PHOTO)).width == 451


async def test_a_child_that_was_busy_before_has_all_of_its_time_for_the_next_step() -> None:
    children = Children(processes=1, cpu_seconds=6)
    for _ in range(12):
        assert (await Studio(children).previews(PHOTO)).web.content_type == "image/jpeg"
    pids = {child.pid for child in child_processes()}
    for _ in range(12):
        await Studio(children).previews(PHOTO)
    assert {child.pid for child in child_processes()} == pids


async def test_a_step_that_stands_still_is_ended_at_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.imaging.children.STARTING", 0)
    children = Children(processes=1, cpu_seconds=1)
    await Studio(children).previews(PHOTO)
    for child in child_processes():
        child.suspend()
    with pytest.raises(PictureUnreadable, match="takes too long"):
        await Studio(children).previews(PHOTO)
    for child in child_processes():
        child.resume()


async def test_bombs_are_refused_in_seconds_while_others_are_served() -> None:
    studio = Studio(Children(processes=2))
    bombs = [EncodedImage(with_scans(5000, side=4000), "image/jpeg"), EncodedImage(png(16, 3_000_000), "image/png")]
    begun = time.monotonic()
    results = await asyncio.gather(*(studio.inspect(file) for file in (*bombs, PHOTO)), return_exceptions=True)
    assert [getattr(one, "reason", None) for one in results] == ["too_many_scans", "too_narrow", None]
    assert time.monotonic() - begun < 60


def psd_header(side: int) -> bytes:
    """A PSD of a few bytes that claims to be large, with no layers and packed rows."""
    head = b"8BPS\0\1" + bytes(6) + (3).to_bytes(2) + side.to_bytes(4) * 2 + b"\0\10\0\3"
    return head + bytes(12) + b"\0\1" + b"\0\2" * (3 * side) + b"\x81\0" * (3 * side)


USES = "".join(f"<g id='g{n}'>" + f"<use href='#g{n - 1}'/>" * 10 + "</g>" for n in range(1, 9))
HANDED_IN = {
    "a PSD that claims 900 megapixels": psd_header(30_000),
    "an SVG that unfolds to a hundred million parts": (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><defs><g id='g0'><path d='M0 0L9 9'/></g>"
        f"{USES}</defs><use href='#g8'/></svg>"
    ).encode(),
    "a JPEG of 5000 scans": with_scans(5000, side=4000),
}


@pytest.mark.parametrize("name", HANDED_IN)
async def test_poison_that_is_handed_in_is_refused_while_others_are_served(name: str, tmp_path: Path) -> None:
    studio = Studio(Children(processes=2, memory_mb=1000, cpu_seconds=12))
    (tmp_path / "file").write_bytes(HANDED_IN[name])
    begun = time.monotonic()
    refused = asyncio.create_task(studio.accept(tmp_path, HandedIn(), None))
    assert (await studio.inspect(PHOTO)).width == 451
    with pytest.raises(PictureUnreadable):
        await refused
    assert time.monotonic() - begun < 90


async def test_cancelling_kills_the_child() -> None:
    children = Children(processes=1)
    await Studio(children).inspect(PHOTO)
    before = {child.pid for child in child_processes()}
    work = asyncio.create_task(LocalModel(children).generate(PHOTO, ENHANCE, "3:2"))
    await asyncio.sleep(0.5)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert len({child.pid for child in child_processes()} & before) == len(before) - 1


async def test_the_event_loop_goes_on_while_pictures_are_worked_on() -> None:
    studio = Studio(Children(processes=1))
    await studio.inspect(PHOTO)
    turns = 0
    work = asyncio.create_task(studio.previews(PHOTO))
    while not work.done():
        await asyncio.sleep(0)
        turns += 1
    assert (await work).web.content_type == "image/jpeg"
    assert turns > 100, "the work was done in this loop"  # usually tens of thousands
