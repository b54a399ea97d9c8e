import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.errors import CannotStart, FolderForbidden, FolderInUse
from stack.folder import DataFolder


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[DataFolder]:
    folder = DataFolder(tmp_path / "某 店")
    folder.hold()
    yield folder
    folder.release()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_second_stack_is_told_which_process_has_the_folder(folder: DataFolder) -> None:
    with pytest.raises(FolderInUse, match=f"process {os.getpid()} "):
        DataFolder(folder.path).hold()


def test_a_folder_with_files_of_others_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(FolderForbidden, match=r"contains other files \(thesis.txt"):
        DataFolder(tmp_path).hold()
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("place", ["a-file", "a-file/below", "x" * 300])
def test_a_path_that_can_be_no_folder_is_told_in_a_sentence(tmp_path: Path, place: str) -> None:
    (tmp_path / "a-file").touch()
    with pytest.raises(FolderForbidden, match="set DARKROOM_DATA to another folder"):
        DataFolder(tmp_path / place).hold()


@pytest.mark.parametrize("place", ["~", "~/darkroom", "~nobody-of-that-name/darkroom"])
def test_a_home_of_nobody_is_told_in_a_sentence(tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FolderForbidden, match="no such user; set DARKROOM_DATA to another folder"):
        DataFolder(Path(place)).hold()
    assert not list(tmp_path.iterdir())


def test_a_start_that_was_broken_off_is_no_hindrance(tmp_path: Path) -> None:
    for _ in range(2):
        folder = DataFolder(tmp_path)
        folder.hold()
        folder.release()


def test_ports_are_kept_and_a_broken_list_is_told(folder: DataFolder) -> None:
    assert folder.kept_ports() == {}
    folder.keep_ports({"gateway": 6060})
    assert folder.kept_ports() == {"gateway": 6060}
    (folder.path / "ports.json").write_text("{")
    with pytest.raises(CannotStart, match=r"cannot read .*ports\.json; delete it"):
        folder.kept_ports()


def test_the_addresses_of_a_running_stack_can_be_read_back(folder: DataFolder) -> None:
    folder.write_addresses({"S3_ENDPOINT_URL": "http://127.0.0.1:8333", "SMTP_PORT": "1025"})
    assert folder.addresses() == {"S3_ENDPOINT_URL": "http://127.0.0.1:8333", "SMTP_PORT": "1025"}
    folder.remove_addresses()
    assert folder.addresses() == {}


def test_a_released_folder_can_be_taken_again(folder: DataFolder) -> None:
    folder.release()
    again = DataFolder(folder.path)
    again.hold()
    again.release()


def test_a_secret_is_made_up_once_and_readable_by_us_alone(folder: DataFolder) -> None:
    secret = folder.secret("postgres")
    assert secret.read_text() == folder.secret("postgres").read_text() != folder.secret("storage").read_text()
    assert mode(secret) == 0o600


def test_the_address_file_is_readable_by_us_alone_and_gone_after_the_stop(folder: DataFolder) -> None:
    folder.write_addresses({"S3_ENDPOINT_URL": "http://127.0.0.1:8333", "SMTP_PORT": "1025"})
    assert folder.address_file.read_text() == "S3_ENDPOINT_URL=http://127.0.0.1:8333\nSMTP_PORT=1025\n"
    assert mode(folder.address_file) == 0o600
    folder.remove_addresses()
    assert not folder.address_file.exists()


def test_a_new_log_begins_empty_and_keeps_the_one_before(folder: DataFolder) -> None:
    folder.new_log("worker").write_text("yesterday")
    log = folder.new_log("worker")
    assert not log.exists()
    assert log.with_name("worker.log.1").read_text() == "yesterday"
