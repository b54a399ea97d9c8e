"""Contact sheets: pictures with captions in a grid, for people to look at."""

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont, ImageOps

COLUMNS, CELL, CAPTION = 6, (260, 200), 18  # pixels


def sheet(cells: Sequence[tuple[str, Image.Image]], columns: int = COLUMNS) -> Image.Image:
    """Return a sheet of captioned pictures."""
    width, height = CELL
    rows = -(-len(cells) // columns)
    whole = Image.new("RGB", (columns * width, rows * (height + CAPTION)), "white")
    pen, font = ImageDraw.Draw(whole), ImageFont.load_default(12)
    for number, (caption, picture) in enumerate(cells):
        left, top = number % columns * width, number // columns * (height + CAPTION)
        whole.paste(ImageOps.pad(picture.convert("RGB"), (width - 4, height - 4), color="#eeeeee"), (left, top))
        pen.text((left + 2, top + height - 2), caption[:44], fill="black", font=font)
    return whole
