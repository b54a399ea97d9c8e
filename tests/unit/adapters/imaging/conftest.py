"""Each network sees the same picture once a process: its answer is a function of the picture."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import numpy as np
import onnxruntime
import pytest

MOST = 200  # answers kept, of a few megabytes at most
Seen = tuple[int, tuple[tuple[str, tuple[int, ...], bytes], ...]]


@pytest.fixture(scope="session", autouse=True)
def networks_see_each_picture_once() -> Iterator[None]:
    """Keep the answers of all networks; they are copied, since whoever asked may write into them."""
    ask = onnxruntime.InferenceSession.run
    answers: OrderedDict[Seen, list[Any]] = OrderedDict()

    def run(self: Any, names: Any, pictures: dict[str, Any], *rest: Any) -> list[Any]:
        seen = (
            id(self),
            tuple(
                (name, np.shape(it), hashlib.sha1(np.asarray(it).tobytes()).digest()) for name, it in pictures.items()
            ),
        )
        if seen not in answers:
            answers[seen] = ask(self, names, pictures, *rest)
            while len(answers) > MOST:
                answers.popitem(last=False)
        return [np.copy(one) for one in answers[seen]]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(onnxruntime.InferenceSession, "run", run)
        yield
