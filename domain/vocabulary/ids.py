"""Ids of orders, tasks and workflows, and storage keys of pictures; all of them are made here."""

import re
from datetime import datetime
from hashlib import sha256
from typing import Annotated

from pydantic import AfterValidator, Field

from domain.bounds.limits import LONGEST_NAME

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # base32 without 0/O and 1/I, which people mix up on the phone
LONGEST_KEY = 512  # characters of a file's key in storage
LONGEST_OWNER = 64  # bytes of the name of an owner's folder
LONGEST_FIND = 100  # characters of a search's id in the id of its question
OF_ORDERS = "order-"  # prefix of their workflow ids
UPLOADS = "uploads"  # the folder of uploaded files
LOOKS = ("analysis-", "score-")  # in the ids of calls that only look at images
HISTORY = "task-history"  # the folder of the pictures of orders and of the task history
ORDER_ID_PATTERN = r"^ORDER_[0-9]{8}_[2-9A-HJ-NP-Z]{6}$"
DISPATCH_PATTERN = r"^(TRANSFER_\w{1,200}|TASK_[0-9]{8}_[2-9A-HJ-NP-Z]{6}_[0-9]{1,4})(-[0-9]{1,4})?$"
FIND_ID_PATTERN = r"^FIND_[0-9]{8}_[2-9A-HJ-NP-Z]{6}$"
_ORDER_ID = re.compile(r"ORDER_([0-9]{8}_[2-9A-HJ-NP-Z]{6})")
_KEY = re.compile(r"(?:(?!\.+/)[\w.@=+() -]+/)*(?!\.+$)[\w.@=+() -]+")
_FINISHED_FILE = re.compile(
    r"task-history/[^/]+/TASK_(\d{8}_[2-9A-HJ-NP-Z]{6})_\d+/attempt-\d+(?:-\d+)?(?:-plain)?-generated\.\w+"
)


def order_id(local_day: datetime, noise: bytes) -> str:
    """Return `ORDER_20261122_7K3F9Q` for the shop's local day and six random bytes."""
    letters = "".join(ALPHABET[byte % 32] for byte in noise[:6])
    return f"ORDER_{local_day:%Y%m%d}_{letters}"


def task_id(order: str, number: int) -> str:
    """Return `TASK_20261122_7K3F9Q_1` for the first picture of an order. Raises ValueError for an invalid order id."""
    return f"TASK_{_core(order)}_{number}"


def order_of_task(task: str) -> str:
    """Return the id of the order that a picture's task belongs to."""
    return f"ORDER_{task.removeprefix('TASK_').rpartition('_')[0]}"


def workflow_id(order: str) -> str:
    """Return the id of an order's workflow. Raises ValueError for an invalid order id."""
    _core(order)
    return f"{OF_ORDERS}{order}"


def order_of(workflow: str) -> str:
    """Return the order id in a workflow id. Raises ValueError if there is none."""
    prefix, order = workflow[: len(OF_ORDERS)], workflow[len(OF_ORDERS) :]
    if prefix != OF_ORDERS:  # another id for the same order would start a duplicate
        raise ValueError(f"invalid workflow id {workflow!r} (expected e.g. order-ORDER_20261122_7K3F9Q)")
    _core(order)
    return order


def is_order_id(name: str) -> bool:
    """Return whether a text is an order id as we make them."""
    return _ORDER_ID.fullmatch(name) is not None


def order_named(name: str) -> str:
    """Return the canonical form of an order id as people or platforms write it; any other name is unchanged."""
    order = name.strip().upper().removeprefix(OF_ORDERS.upper())
    return order if _ORDER_ID.fullmatch(order) else name


def transfer_id(local_day: datetime, noise: bytes) -> str:
    """Return `TRANSFER_20261122_7K3F9Q` for a question to designers, which has no order."""
    return order_id(local_day, noise).replace("ORDER_", "TRANSFER_", 1)


def workflow_named(name: str) -> str:
    """Return the workflow id of an order or a dispatch; empty for any other name."""
    if _ORDER_ID.fullmatch(name):
        return workflow_id(name)
    return name if name.startswith("dispatch-") else ""


def dispatch_id(task: str, number: int = 1) -> str:
    """Return the workflow id of a dispatch of a picture, the first one or a later one."""
    return f"dispatch-{task}" + (f"-{number}" if number > 1 else "")


def dispatch_named(name: str) -> str:
    """Return the workflow id of a dispatch from its task id; a suffix `-2` means its second dispatch.

    Raises ValueError for an invalid name.
    """
    match = re.fullmatch(DISPATCH_PATTERN, name.removeprefix("dispatch-"))
    if not match:
        raise ValueError(
            f"invalid dispatch {name!r} (expected e.g. TASK_20261122_7K3F9Q_1 or TRANSFER_20261122_7K3F9Q)"
        )
    return dispatch_id(match.group(1), int((match.group(2) or "-1")[1:]))


def find_id(local_day: datetime, noise: bytes) -> str:
    """Return `FIND_20261122_7K3F9Q` for a search in the photo library."""
    return order_id(local_day, noise).replace("ORDER_", "FIND_", 1)


def find_workflow_id(find: str) -> str:
    """Return the workflow id of a search."""
    return f"find-{find}"


def find_of(workflow: str) -> str:
    """Return the search id in a workflow id."""
    return workflow.removeprefix("find-")


def transfer_of_find(find: str) -> str:
    """Return the id of the question to designers for a search without results; deterministic."""
    plain = re.sub(r"\W", "_", find)[:LONGEST_FIND]
    return f"TRANSFER_{plain}" if plain == find else f"TRANSFER_{plain}_{sha256(find.encode()).hexdigest()[:8]}"


def bounded(name: str, length: int = LONGEST_NAME) -> str:
    """Return a name unchanged, or if it is too long, its beginning and a hash of the whole; deterministic."""
    if len(name) <= length:
        return name
    digest = sha256(name.encode()).hexdigest()[:16]
    return f"{name[: length - len(digest) - 1]}_{digest}"


def digest(name: str) -> str:
    """Return a short digest, enough to tell a name from some thousand others."""
    return sha256(name.encode(errors="replace")).hexdigest()[:12]


def call_id(task: str, attempt: int, try_number: int) -> str:
    """Return the id of a model call: the attempt, and Temporal's try at it."""
    return f"{task}-A{attempt}.{try_number}"


def order_of_call(call: str) -> str:
    """Return the id of the order that a model call was made for."""
    return order_of_task(call.partition("-")[0])


def is_look(call: str) -> bool:
    """Whether a call only looked at images, by its id, and made none."""
    return call.partition("-")[2].startswith(LOOKS)


def look_id(task: str, kind: str, made_by: str, key: str) -> str:
    """Return the id of a call to a vision model: the activity, its try, and the image."""
    return f"{task}-{kind}-{made_by}-{key.rpartition('/')[2]}"


def folder(owner: str, task: str) -> str:
    """Return the folder of a task's pictures in storage, `task-history/{owner}/{task_id}`."""
    safe = re.sub(r"[^\w.-]", "_", owner).strip(".") or "_"
    if len(safe.encode()) > LONGEST_OWNER:  # it is part of the key of every file
        digest = sha256(owner.encode()).hexdigest()[:16]
        safe = f"{safe.encode()[: LONGEST_OWNER - len(digest) - 1].decode(errors='ignore')}_{digest}"
    return f"{HISTORY}/{safe}/{task}"


def is_key(key: str) -> bool:
    """Whether this is a valid storage key: no empty parts, no `..`, no unprintable characters."""
    return len(key) <= LONGEST_KEY and _KEY.fullmatch(key) is not None


def is_upload(key: str) -> bool:
    """Whether this is a valid key of an upload; senders of messages may name no other files."""
    return key.startswith(f"{UPLOADS}/") and is_key(key)


def shown_key(noise: bytes) -> str:
    """Return the key of the public copy of a shared picture; it reveals nobody's identity."""
    return f"library/{noise.hex()}.jpg"


def preview_of(finished_file: str) -> str:
    """Return the key of the watermarked preview of a finished file, in the same folder."""
    return f"{finished_file.rpartition('-generated.')[0].removesuffix('-plain')}-preview.jpg"


def plain_of(finished_file: str) -> str:
    """Return the key of the copy of a finished file that shows no AI label, in the same folder."""
    return finished_file.replace("-generated.", "-plain-generated.")


def thumbnail_of(key: str) -> str:
    """Return the key of an image's thumbnail, beside it: `original.png` has `original-thumb.jpg`."""
    return f"{key.rpartition('.')[0].replace('-plain-generated', '-generated')}-thumb.jpg"


def web_of(original: str) -> str:
    """Return the key of the web size of an original, beside it; a result has its preview."""
    return f"{original.rpartition('.')[0]}-web.jpg"


def finished_name(order: str, number: int, key: str) -> str:
    """Return the download name of a finished file: the order id and the picture's number."""
    return f"{order}_{number}.{key.rpartition('.')[2]}"


def order_of_file(key: str) -> str | None:
    """Return the order id in the key of a finished file; None for any other file."""
    match = _FINISHED_FILE.fullmatch(key)
    return f"ORDER_{match.group(1)}" if match else None


def _core(order: str) -> str:
    match = _ORDER_ID.fullmatch(order)
    if not match:
        raise ValueError(f"invalid order id {order!r} (expected e.g. ORDER_20261122_7K3F9Q)")
    return match.group(1)


def _key_of_upload(key: str) -> str:
    if not is_upload(key):
        raise ValueError("is not a valid key of an uploaded file")
    return key


def _storage_key(key: str) -> str:
    if not is_key(key):
        raise ValueError("is not a valid storage key")
    return key


UploadKey = Annotated[str, Field(max_length=LONGEST_KEY), AfterValidator(_key_of_upload)]
StorageKey = Annotated[str, Field(max_length=LONGEST_KEY), AfterValidator(_storage_key)]
