"""The ids of orders, their tasks and workflows, and the keys of their pictures: made here and nowhere else."""

import re
from datetime import datetime
from hashlib import sha256
from typing import Annotated

from pydantic import AfterValidator, Field

from domain.bounds.limits import LONGEST_NAME

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # base32 without 0/O and 1/I, which people mix up on the phone
LONGEST_KEY = 512  # characters of a file's key in storage
LONGEST_OWNER = 64  # bytes of the name of an owner's folder
LONGEST_FIND = 100  # characters of a search's id that its question is named by
OF_ORDERS = "order-"  # what ids of their workflows begin with
UPLOADS = "uploads"  # the folder of what was sent as a file
ORDER_ID_PATTERN = r"^ORDER_[0-9]{8}_[2-9A-HJ-NP-Z]{6}$"
DISPATCH_PATTERN = r"^(TRANSFER_\w{1,200}|TASK_[0-9]{8}_[2-9A-HJ-NP-Z]{6}_[0-9]{1,4})(-[0-9]{1,4})?$"
FIND_ID_PATTERN = r"^FIND_[0-9]{8}_[2-9A-HJ-NP-Z]{6}$"
_ORDER_ID = re.compile(r"ORDER_([0-9]{8}_[2-9A-HJ-NP-Z]{6})")
_KEY = re.compile(r"(?:(?!\.+/)[\w.@=+() -]+/)*(?!\.+$)[\w.@=+() -]+")
_FINISHED_FILE = re.compile(
    r"task-history/[^/]+/TASK_(\d{8}_[2-9A-HJ-NP-Z]{6})_\d+/attempt-\d+(?:-\d+)?-generated\.\w+"
)


def order_id(local_day: datetime, noise: bytes) -> str:
    """Return `ORDER_20261122_7K3F9Q` for the shop's local day and six random bytes."""
    letters = "".join(ALPHABET[byte % 32] for byte in noise[:6])
    return f"ORDER_{local_day:%Y%m%d}_{letters}"


def task_id(order: str, number: int) -> str:
    """Return `TASK_20261122_7K3F9Q_1` for the first picture of an order. Raises ValueError for no order's id."""
    return f"TASK_{_core(order)}_{number}"


def order_of_task(task: str) -> str:
    """Return the id of the order that a picture's task belongs to."""
    return f"ORDER_{task.removeprefix('TASK_').rpartition('_')[0]}"


def workflow_id(order: str) -> str:
    """Return the id of an order's workflow. Raises ValueError for no order's id."""
    _core(order)
    return f"{OF_ORDERS}{order}"


def order_of(workflow: str) -> str:
    """Return the order's id that a workflow's id names. Raises ValueError where it names none."""
    prefix, order = workflow[: len(OF_ORDERS)], workflow[len(OF_ORDERS) :]
    if prefix != OF_ORDERS:  # the same order under another id would be its twin
        raise ValueError(f"an order's workflow is called order-ORDER_20261122_7K3F9Q, not {workflow!r}")
    _core(order)
    return order


def order_named(name: str) -> str:
    """Return an order's id as we write it, of how people and platforms do; of what names none, the very name."""
    order = name.strip().upper().removeprefix(OF_ORDERS.upper())
    return order if _ORDER_ID.fullmatch(order) else name


def transfer_id(local_day: datetime, noise: bytes) -> str:
    """Return `TRANSFER_20261122_7K3F9Q`, of a question to designers that has no order."""
    return order_id(local_day, noise).replace("ORDER_", "TRANSFER_", 1)


def workflow_named(name: str) -> str:
    """Return the id of the workflow of an order or a dispatch; nothing for a name of neither."""
    if _ORDER_ID.fullmatch(name):
        return workflow_id(name)
    return name if name.startswith("dispatch-") else ""


def dispatch_id(task: str, number: int = 1) -> str:
    """Return the id of the workflow of a dispatch: the first one of a picture, or a later one."""
    return f"dispatch-{task}" + (f"-{number}" if number > 1 else "")


def dispatch_named(name: str) -> str:
    """Return the id of the workflow of a dispatch that people name by its task; `-2` at the end is its second one.

    Raises ValueError for what names none.
    """
    match = re.fullmatch(DISPATCH_PATTERN, name.removeprefix("dispatch-"))
    if not match:
        raise ValueError(
            f"invalid dispatch {name!r} (expected e.g. TASK_20261122_7K3F9Q_1 or TRANSFER_20261122_7K3F9Q)"
        )
    return dispatch_id(match.group(1), int((match.group(2) or "-1")[1:]))


def find_id(local_day: datetime, noise: bytes) -> str:
    """Return `FIND_20261122_7K3F9Q`, of a search in the photo library."""
    return order_id(local_day, noise).replace("ORDER_", "FIND_", 1)


def find_workflow_id(find: str) -> str:
    """Return the id of the workflow of a search."""
    return f"find-{find}"


def find_of(workflow: str) -> str:
    """Return the id of the search that a workflow's id names."""
    return workflow.removeprefix("find-")


def transfer_of_find(find: str) -> str:
    """Return the id of the question to designers that a search comes to when it finds nothing: always the same one."""
    plain = re.sub(r"\W", "_", find)[:LONGEST_FIND]
    return f"TRANSFER_{plain}" if plain == find else f"TRANSFER_{plain}_{sha256(find.encode()).hexdigest()[:8]}"


def bounded(name: str, length: int = LONGEST_NAME) -> str:
    """Return a name as it is, or where it is too long its beginning and a hash of the whole: always the same one."""
    if len(name) <= length:
        return name
    digest = sha256(name.encode()).hexdigest()[:16]
    return f"{name[: length - len(digest) - 1]}_{digest}"


def digest(name: str) -> str:
    """Return a few letters that stand for a name among some thousand others."""
    return sha256(name.encode(errors="replace")).hexdigest()[:12]


def call_id(task: str, attempt: int, try_number: int) -> str:
    """Return the id of one call to a model: which attempt, and which try of Temporal's at it."""
    return f"{task}-A{attempt}.{try_number}"


def look_id(task: str, kind: str, made_by: str, key: str) -> str:
    """Return the id of one call to a vision model: which try of which activity made it, and of which picture."""
    return f"{task}-{kind}-{made_by}-{key.rpartition('/')[2]}"


def folder(owner: str, task: str) -> str:
    """Return the folder of a task's pictures in storage, `task-history/{owner}/{task_id}`."""
    safe = re.sub(r"[^\w.-]", "_", owner).strip(".") or "_"
    if len(safe.encode()) > LONGEST_OWNER:  # every file of an order names it
        digest = sha256(owner.encode()).hexdigest()[:16]
        safe = f"{safe.encode()[: LONGEST_OWNER - len(digest) - 1].decode(errors='ignore')}_{digest}"
    return f"task-history/{safe}/{task}"


def is_key(key: str) -> bool:
    """Whether a text may be the key of a file in storage: no empty part, no way up, nothing that is not printed."""
    return len(key) <= LONGEST_KEY and _KEY.fullmatch(key) is not None


def is_upload(key: str) -> bool:
    """Whether a key looks like one of an upload of ours: no other file may be named by whoever sends messages."""
    return key.startswith(f"{UPLOADS}/") and is_key(key)


def shown_key(noise: bytes) -> str:
    """Return the key of the copy that strangers see of a shared picture: it tells of nobody."""
    return f"library/{noise.hex()}.jpg"


def preview_of(finished_file: str) -> str:
    """Return the key of the watermarked preview of a finished file, which lies beside it."""
    return f"{finished_file.rpartition('-generated.')[0]}-preview.jpg"


def finished_name(order: str, number: int, key: str) -> str:
    """Return the name under which people save a finished file: the order's id, and which picture it is."""
    return f"{order}_{number}.{key.rpartition('.')[2]}"


def order_of_file(key: str) -> str | None:
    """Return the id of the order whose finished file lies under a key; None for previews, originals and the rest."""
    match = _FINISHED_FILE.fullmatch(key)
    return f"ORDER_{match.group(1)}" if match else None


def _core(order: str) -> str:
    match = _ORDER_ID.fullmatch(order)
    if not match:
        raise ValueError(f"invalid order id {order!r} (expected e.g. ORDER_20261122_7K3F9Q)")
    return match.group(1)


def _key_of_upload(key: str) -> str:
    if not is_upload(key):
        raise ValueError("is no key of an upload of ours")
    return key


def _storage_key(key: str) -> str:
    if not is_key(key):
        raise ValueError("is no key of a file of ours")
    return key


UploadKey = Annotated[str, Field(max_length=LONGEST_KEY), AfterValidator(_key_of_upload)]
StorageKey = Annotated[str, Field(max_length=LONGEST_KEY), AfterValidator(_storage_key)]
