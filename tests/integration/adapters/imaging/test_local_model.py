import io
from decimal import Decimal
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from adapters.imaging.children import Children
from adapters.imaging.local import LocalModel
from adapters.imaging.studio import Studio
from domain.ports import EncodedImage, Wish
from domain.texts.catalogue import TEXTS
from domain.vocabulary.errors import ModelRefused
from domain.vocabulary.pictures import Complexity, Operation, TargetSize, TextAmount

pytestmark = pytest.mark.asyncio(loop_scope="module")
PHOTOS = Path(__file__).parents[4] / "demo/photos"
CHILDREN = Children(processes=1)
MODEL, STUDIO = LocalModel(CHILDREN), Studio(CHILDREN)


def jpeg(image: Image.Image) -> EncodedImage:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    return EncodedImage(out.getvalue(), "image/jpeg")


def photograph(name: str, width: int) -> Image.Image:
    image = Image.open(PHOTOS / name).convert("RGB")
    return image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)


TINY = jpeg(photograph("chelsea.png", 96))
CUP = jpeg(photograph("coffee.jpg", 240))


@pytest.mark.parametrize(
    ("operation", "photo", "size", "model"),
    [
        (Operation.ENHANCE, TINY, None, "local-realesrgan-x4"),
        (Operation.FIX_OLD_PHOTO, TINY, None, "local-opencv-realesrgan-x4"),
        (Operation.REMOVE_BG, CUP, None, "local-u2net"),
        (Operation.LAYERED, CUP, None, "local-u2net"),
        (Operation.REMOVE_BG_AND_LAYER, CUP, None, "local-u2net"),
        (Operation.VECTORIZE, CUP, None, "local-unchanged"),
        (Operation.RESIZE, CUP, TargetSize(width=120, height=120, dpi=300), "local-unchanged"),
        (Operation.RESIZE, TINY, TargetSize(width=295, height=413, dpi=300), "local-realesrgan-x4"),
    ],
)
async def test_each_operation_delivers_a_file_that_passes_its_check_and_score(
    operation: Operation, photo: EncodedImage, size: TargetSize | None, model: str
) -> None:
    wish = Wish(operation, "", size)
    generation = await MODEL.generate(photo, wish, "1:1")
    assert (generation.call.provider, generation.call.model, generation.call.cost) == ("local", model, Decimal(0))
    assert generation.call.finish_reason == "STOP"
    assert generation.call.request_id is None
    result = await STUDIO.finish(photo, generation.images[0], wish)
    assert not (await STUDIO.check(photo, result.file, result.view, wish)).issue
    look, call = await MODEL.score(photo, result.view, wish)
    assert look.score >= 70
    assert call.provider == "local"


async def test_an_idle_child_gives_its_memory_back() -> None:
    model = LocalModel(Children(processes=1))
    await model.generate(TINY, Wish(Operation.ENHANCE, ""), "1:1")  # loads the networks
    children = psutil.Process().children(recursive=True)
    before = {child: child.memory_info().rss for child in children}
    await model.generate(CUP, Wish(Operation.ENHANCE, ""), "1:1")
    assert max(child.memory_info().rss - before[child] for child in children) < 200 * 2**20


async def test_a_background_takes_the_colour_asked_for() -> None:
    wish = Wish(Operation.EDIT, "【客户修改要求】换成蓝底")
    generation = await MODEL.generate(CUP, wish, "3:2")
    assert generation.parameters == {"edits": "blue background"}
    corner = Image.open(io.BytesIO(generation.images[0].data)).getpixel((3, 156))
    assert corner == (67, 142, 219)
    result = await STUDIO.finish(CUP, generation.images[0], wish)
    assert not (await STUDIO.check(CUP, result.file, result.view, wish)).issue


async def test_a_revision_of_an_enhanced_picture_may_ask_for_more_light() -> None:
    plain = await MODEL.generate(TINY, Wish(Operation.ENHANCE, ""), "3:2")
    lighter = await MODEL.generate(TINY, Wish(Operation.ENHANCE, "【客户修改要求】再亮一点"), "3:2")
    means = [np.asarray(Image.open(io.BytesIO(made.images[0].data))).mean() for made in (plain, lighter)]
    assert means[1] > means[0] + 5


async def test_a_free_edit_is_refused_with_a_word_about_gemini() -> None:
    with pytest.raises(ModelRefused, match="Gemini"):
        await MODEL.generate(TINY, Wish(Operation.EDIT, "把路人去掉"), "1:1")


async def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(ModelRefused, match="known format"):
        await MODEL.generate(EncodedImage(b"nothing", "image/png"), Wish(Operation.ENHANCE, ""), "1:1")
    with pytest.raises(ModelRefused, match="empty"):
        await MODEL.analyse(EncodedImage(b"", "image/png"), "")


async def test_the_same_picture_back_scores_below_the_bar() -> None:
    look, _ = await MODEL.score(TINY, TINY, Wish(Operation.ENHANCE, ""))
    assert look.score < 70
    assert "没有变化" in TEXTS["zh"].say(look.issue)


async def test_another_picture_scores_below_the_bar() -> None:
    look, _ = await MODEL.score(TINY, CUP, Wish(Operation.FIX_OLD_PHOTO, ""))
    assert look.score < 70
    assert "不是同一张" in TEXTS["zh"].say(look.issue)


async def test_a_good_photograph_is_less_work_than_a_blurred_noisy_one() -> None:
    good = photograph("coffee.jpg", 600)
    noisy = np.asarray(good.filter(ImageFilter.GaussianBlur(3)), float)
    noisy += np.random.default_rng(5).normal(0, 14, noisy.shape)
    bad = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
    first, call = await MODEL.analyse(jpeg(good), "弄清晰一点")
    second, _ = await MODEL.analyse(jpeg(bad), "")
    levels = list(Complexity)
    assert levels.index(first.complexity) < levels.index(second.complexity)
    assert (first.aspect_ratio, first.text_amount) == ("3:2", TextAmount.NONE)
    assert "弄清晰一点" in first.prompt
    assert "噪点" in second.quality
    assert call.provider == "local"


async def test_a_page_full_of_text_holds_much_of_it() -> None:
    page = Image.new("RGB", (640, 480), "white")
    pen = ImageDraw.Draw(page)
    for line in range(10):
        pen.text((30, 16 + line * 46), f"Darkroom retouches line {line}", fill="black", font=ImageFont.load_default(28))
    analysis, _ = await MODEL.analyse(jpeg(page), "")
    assert analysis.text_amount is TextAmount.MUCH
    assert "text legible" in analysis.prompt
