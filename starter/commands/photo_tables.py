"""Prints pictures of the photo library as tables, or as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from zoneinfo import ZoneInfo

from domain.library.finding import Found
from domain.library.photos import Photo
from starter.commands.screens import print_json
from starter.commands.tables import print_table


def matches(found: Found) -> None:
    """Print the matches of a search, best first, each with its photo id and link."""
    rows = [
        (
            str(number),
            "" if match.distance is None else str(match.distance),
            match.kind,
            f"{match.width}x{match.height}",
            "yes" if match.is_own else "no",
            ", ".join(match.tags),
            match.photo_id,
        )
        for number, match in enumerate(found.matches, 1)
    ]
    columns = ("no.", "distance", "kind", "size", "own", "tags", "photo")
    print_table(columns, rows, whole={"photo"}, nothing="no matches")
    for number, match in enumerate(found.matches, 1):
        print(f"{number}\t{match.link}")
    if found.transfer_id:
        print(f"A designer was asked. Check: darkroom designer show {found.transfer_id}")


def photos(listed: Sequence[Photo], timezone: str, *, as_json: bool) -> None:
    """Print pictures of the library, newest first."""
    if as_json:
        print_json([asdict(photo) for photo in listed])
        return
    rows = [
        (
            photo.photo_id,
            f"{photo.created_at.astimezone(ZoneInfo(timezone)):%m-%d}",
            photo.kind,
            photo.customer_id,
            photo.acc_id,
            "yes" if photo.shareable else "no",
            ", ".join(photo.tags),
        )
        for photo in listed
    ]
    print_table(
        ("photo", "entered", "kind", "customer", "shop", "shared", "tags"),
        rows,
        whole={"photo"},
        nothing="no pictures match; originals and results are added to the library automatically",
    )
