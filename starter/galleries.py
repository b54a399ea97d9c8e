"""How pictures of the library look in a terminal."""

from collections.abc import Sequence
from dataclasses import asdict
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from domain.finding import Found
from domain.library import Photo
from starter.screens import print_json


def matches(found: Found) -> None:
    """Show what a search found, the best first, and under it the id of each and where it is to be seen."""
    console = Console(highlight=False)
    table = Table("no.", "distance", "kind", "size", "own", "tags", box=box.SIMPLE_HEAD)
    for number, match in enumerate(found.matches, 1):
        distance = "" if match.distance is None else str(match.distance)
        size, own = f"{match.width}x{match.height}", "yes" if match.is_own else "no"
        table.add_row(str(number), distance, match.kind, size, own, escape(", ".join(match.tags)))
    console.print(table if found.matches else "nothing was found")
    for number, match in enumerate(found.matches, 1):
        console.print(f"{number}  {match.photo_id}  {match.link}", markup=False, soft_wrap=True)
    if found.transfer_id:
        console.print(f"a designer is asked:  darkroom designer show {found.transfer_id}")


def photos(listed: Sequence[Photo], timezone: str, *, as_json: bool) -> None:
    """Show pictures of the library, newest first."""
    if as_json:
        print_json([asdict(photo) for photo in listed])
        return
    names = ("entered", "kind", "customer", "shop", "shared", "tags")
    whole = Column("photo", no_wrap=True, min_width=36)  # an id is there to be copied
    table = Table(whole, *names, box=box.SIMPLE_HEAD)
    for photo in listed:
        table.add_row(
            photo.photo_id,
            f"{photo.created_at.astimezone(ZoneInfo(timezone)):%m-%d}",
            photo.kind,
            escape(photo.customer_id),
            escape(photo.acc_id),
            "yes" if photo.shareable else "no",
            escape(", ".join(photo.tags)),
        )
    console = Console(highlight=False)
    console.print(table if listed else "no pictures match; originals and results enter the library by themselves")
