"""How benchmarks make figures of what they measured."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from types import ModuleType

import pytest
from PIL import Image

from benchmarks import __main__ as every
from benchmarks import faked, footprint, imaging, orders, parked, parking, previews, uploads
from benchmarks.figures import Figure
from benchmarks.imaging import Use
from benchmarks.orders import Round
from benchmarks.playing import Order
from domain.order.inbox import Inbox
from domain.order.order import Order as OrderState
from domain.story.opening import Carried


def named(figures: Sequence[Figure]) -> dict[str, Figure]:
    return {figure.what: figure for figure in figures}


def test_rates_are_compared_by_their_medians() -> None:
    def rounds(*rates: float) -> list[Round]:
        return [Round(rate, 100, 90) for rate in rates]

    found = named(
        orders.figures_of({"order": rounds(8, 9, 100), "floor": rounds(20, 18, 1), "peer": rounds(12, 12, 12)})
    )
    assert found["whole orders over the floor"].measured == 0.5
    assert found["whole orders over the floor"].is_met
    assert found["whole orders over the same on DBOS"].measured == 0.75
    assert not found["whole orders over the same on DBOS"].is_met
    assert [what for what in found if what.startswith("CPU of Temporal")] == [
        "CPU of Temporal, an order",
        "CPU of Temporal, a bare workflow",
    ]


def test_the_first_preview_of_a_burst_must_not_wait_for_the_last() -> None:
    together, one_by_one = [3.4] * 20, [2.0 + number / 10 for number in range(20)]
    good = previews.figures_of([0.05, 0.09], [[0.5] * 20], [[2.2] * 20])
    assert [figure.measured for figure in good] == [pytest.approx(70), 0.5, 2.2, 2.2]
    assert all(figure.is_met for figure in good)
    assert [figure.is_met for figure in previews.figures_of([0.2], [[1.5] * 20], [together])] == [
        *(False, False, True, False)
    ]
    assert [figure.is_met for figure in previews.figures_of([0.2], [[1.5] * 20], [one_by_one])][2:] == [False, True]


def test_what_was_there_before_is_no_part_of_an_order() -> None:
    before = footprint.State({"orders": 20, "tag": 3}, {"orders": 8 * 1024, "tag": 1024}, 5_000)
    after = footprint.State(
        {"orders": 30, "tag": 3, "photo": 20}, {"orders": 28 * 1024, "tag": 1024, "photo": 10_240}, 25_480
    )
    found = named(footprint.figures_of(before, after, 10))
    assert {what: figure.measured for what, figure in found.items()} == {
        "an order in Postgres, rows": 3,
        "an order in Postgres, with indexes": 3,
        "an order in Postgres, write-ahead log": 2,
        "an order in `orders`, 1 rows": 2,
        "an order in `photo`, 2 rows": 1,
        "an order in `tag`, 0 rows": 0,
    }


def test_the_limits_of_a_child_hold_for_the_largest_picture() -> None:
    time, memory = imaging.figures_of("finish", [Use(0.5, 200), Use(2, 700), Use(130, 2900)])
    assert time.words == "finish: 0.5 / 2 / 130 s, bar <= 120 s"
    assert not time.is_met
    assert memory.words == "finish, memory: 200 / 700 / 2,900 MB, bar <= 3,146 MB"
    assert memory.is_met


def test_a_parked_order_is_like_its_model_but_for_its_ids() -> None:
    model, other = Order("ORDER_20261201_AAAAAA", "customer-00000000"), Order("ORDER_20261201_BBBBBB", "customer-1")
    state = OrderState(
        order_id=model.order_id,
        customer_id=model.customer_id,
        acc_id="shop-1",
        created_at=datetime(2026, 12, 1, tzinfo=UTC),
    )
    text = Carried(order=state, inbox=Inbox()).model_dump_json()
    carried = Carried.model_validate_json(parking.renamed(text, model, other))
    assert carried.order == state.model_copy(update={"order_id": other.order_id, "customer_id": other.customer_id})


@pytest.mark.parametrize(("count", "most", "expected"), [(5, 2, [2, 2, 1]), (4, 2, [2, 2]), (1, 9, [1]), (0, 3, [])])
def test_many_orders_are_played_in_portions(count: int, most: int, expected: list[int]) -> None:
    assert parked.portions(count, most) == expected


def test_an_upload_is_a_little_under_its_limit() -> None:
    assert 29_000_000 < len(uploads.uncompressed(uploads.SIDE)) < 30_000_000


def test_photos_have_the_size_and_the_kind_that_is_asked_for() -> None:
    for kind in ("JPEG", "PNG"):
        with Image.open(io.BytesIO(faked.encoded(faked.photo(0.2), kind))) as picture:
            assert picture.format == kind
            assert picture.width * picture.height == pytest.approx(200_000, rel=0.01)
            assert faked.as_image(faked.encoded(picture.convert("RGB"), kind)).content_type == f"image/{kind.lower()}"
    assert faked.photo(0.2).tobytes() != faked.retouched_photo(0.2).tobytes()


@pytest.mark.parametrize("benchmark", every.ALL, ids=lambda one: one.__name__)
def test_each_benchmark_is_named_after_its_module_and_ends(benchmark: ModuleType) -> None:
    assert benchmark.__name__ == f"benchmarks.{benchmark.BENCHMARK.name}"
    assert 0 < benchmark.BENCHMARK.minutes <= 30
