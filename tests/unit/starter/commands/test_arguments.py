from pathlib import Path

import pytest
import typer

from starter.commands.arguments import an_address, an_amount, photo_source, task_of


def test_a_picture_is_named_as_people_count() -> None:
    assert task_of("ORDER_20261122_7K3F9Q", 2) == "TASK_20261122_7K3F9Q_2"
    assert task_of("ORDER_20261122_7K3F9Q", None) is None


def test_an_amount_is_exact() -> None:
    assert an_amount("￥18.50", "CNY") == {"amount": "￥18.50", "currency": "CNY"}
    with pytest.raises(typer.BadParameter, match="invalid amount"):
        an_amount("18,5")


def test_a_payment_without_an_amount_keeps_its_currency() -> None:
    assert (an_amount(None, "CNY"), an_amount(None)) == ({"currency": "CNY"}, {})


def test_an_address_is_taken_out_of_what_was_typed() -> None:
    assert an_address(" wang@example.com ") == "wang@example.com"
    with pytest.raises(typer.BadParameter, match="invalid e-mail address"):
        an_address("123@qq")


def test_a_photograph_is_an_address_or_a_file_of_this_machine(tmp_path: Path) -> None:
    file = tmp_path / "我的 照片.jpg"
    file.touch()
    assert photo_source(str(file)) == file
    assert photo_source("https://img.example.com/cat.jpg") == "https://img.example.com/cat.jpg"
    with pytest.raises(typer.BadParameter, match="not found: "):
        photo_source("ftp://img.example.com/cat.jpg")
