"""The words of the visible label, AI生成, as pen strokes: they look the same in every format and need no font."""

Stroke = tuple[tuple[float, float], ...]

HEIGHT = 100.0
GAP = 22.0
PEN = 10.0  # width of a stroke
GLYPHS: tuple[tuple[float, tuple[Stroke, ...]], ...] = (  # width, and strokes within width x HEIGHT
    (72, (((0, 96), (36, 4), (72, 96)), ((14, 62), (58, 62)))),
    (10, (((5, 4), (5, 96)),)),
    (96, (
        ((32, 4), (25, 28), (8, 48)),
        ((24, 28), (86, 28)),
        ((54, 4), (54, 94)),
        ((20, 60), (82, 60)),
        ((2, 94), (94, 94)),
    )),
    (96, (
        ((12, 24), (92, 24)),
        ((14, 24), (14, 60), (2, 96)),
        ((14, 50), (44, 50), (41, 82), (30, 82)),
        ((56, 4), (60, 40), (72, 74), (86, 94), (94, 94), (96, 76)),
        ((84, 44), (70, 70), (44, 96)),
        ((68, 4), (82, 14)),
    )),
)  # fmt: skip
WIDTH = sum(width for width, _ in GLYPHS) + GAP * (len(GLYPHS) - 1)


def strokes() -> list[Stroke]:
    """Return all strokes, on a sheet of WIDTH x HEIGHT."""
    written, left = [], 0.0
    for width, glyph in GLYPHS:
        written += [tuple((left + x, y) for x, y in stroke) for stroke in glyph]
        left += width + GAP
    return written
