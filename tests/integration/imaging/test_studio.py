import asyncio
import sys
import time
from pathlib import Path

import anyio
import psutil
import pytest

from adapters.imaging.children import Children
from adapters.imaging.limits import Limits
from adapters.imaging.local import LocalModel
from adapters.imaging.studio import Studio
from domain.errors import ModelRefused, PictureUnreadable
from domain.library import MOST_DISTANCE, distance
from domain.pictures import Operation, TargetSize
from domain.ports import EncodedImage, Wish

pytestmark = pytest.mark.asyncio(loop_scope="module")
PHOTO = EncodedImage((Path(__file__).parents[3] / "demo/photos/chelsea.png").read_bytes(), "image/png")


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


async def test_the_worker_itself_loads_no_picture_library() -> None:
    code = (
        "import sys, adapters.imaging.studio, adapters.imaging.local; "
        "print(sorted({'PIL', 'cv2', 'imagehash', 'numpy', 'ncnn', 'onnxruntime', 'psd_tools'} & set(sys.modules)))"
    )
    process = await anyio.run_process([sys.executable, "-c", code])
    assert process.stdout.decode().strip() == "[]"


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
    with pytest.raises(ModelRefused, match="3000 MB"):
        await work
    assert (await Studio(children).inspect(PHOTO)).width == 451


async def test_memory_above_the_cap_is_refused() -> None:
    children = Children(processes=1, memory_mb=400)
    wish = Wish(Operation.RESIZE, "", TargetSize(width=15_000, height=15_000))
    with pytest.raises(PictureUnreadable, match="within 400 MB"):
        await Studio(children).finish(PHOTO, PHOTO, wish)


async def test_a_child_that_died_while_idle_is_replaced_unnoticed() -> None:
    studio = Studio(Children(processes=1))
    await studio.inspect(PHOTO)
    for child in child_processes():
        child.kill()
    assert (await studio.inspect(PHOTO)).width == 451


async def test_an_unforeseen_error_is_told_without_the_vendors_class() -> None:
    with pytest.raises(RuntimeError, match="decode:no_such_job: AttributeError"):
        await Children(processes=1).run("decode:no_such_job")


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
    longest, last = 0.0, time.monotonic()
    work = asyncio.create_task(studio.preview(PHOTO))
    while not work.done():
        await asyncio.sleep(0.005)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    assert (await work).content_type == "image/jpeg"
    assert longest < 0.5
