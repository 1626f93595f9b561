"""Files come in a stable order; links, devices and locked folders are reported, never followed."""

import os
import socket
import stat
from pathlib import Path

import pytest

from piiscan.sources.block import Trouble
from piiscan.sources.walk import Input, _check_file, walk


def shown(*paths: Path) -> list[str]:
    return [item.display for item in walk(paths) if isinstance(item, Input)]


def troubles(*paths: Path) -> dict[str, tuple[str, bool]]:
    return {
        item.member.rpartition("/")[2]: (item.reason, item.lost)
        for item in walk(paths)
        if isinstance(item, Trouble)
    }


def test_files_come_in_bytewise_order_whatever_the_disk_says(tmp_path: Path) -> None:
    names = ["b.txt", "A.txt", "a/z.txt", "a/名单.csv", "a.txt", "中.txt", "a/b/c.txt"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    below = [display.removeprefix(f"{tmp_path}/") for display in shown(tmp_path)]
    assert below == ["A.txt", "a/b/c.txt", "a/z.txt", "a/名单.csv", "a.txt", "b.txt", "中.txt"]


def test_paths_are_shown_as_they_were_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dump").mkdir()
    (tmp_path / "dump" / "a.txt").write_text("x")
    monkeypatch.chdir(tmp_path)
    assert shown(Path("dump")) == ["dump/a.txt"]
    assert shown(Path()) == ["dump/a.txt"]
    assert shown(Path("dump/a.txt")) == ["dump/a.txt"]


def test_size_and_time_are_the_files(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"12345")
    os.utime(path, ns=(1, 1_600_000_000_123_456_789))
    (tmp_path / "b.txt").touch()  # an empty file is an input too
    item, empty = walk([tmp_path])
    assert item == Input(path, str(path), 5, 1_600_000_000_123_456_789)
    assert isinstance(empty, Input)
    assert empty.size == 0


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("x")
    folder = tmp_path / "dump"
    (folder / "sub").mkdir(parents=True)
    (folder / "in.txt").write_text("x")
    (folder / "sub" / "loop").symlink_to(folder)
    (folder / "self").symlink_to(folder / "self")
    (folder / "inside").symlink_to(folder / "in.txt")
    (folder / "out").symlink_to(outside)
    (folder / "gone").symlink_to(tmp_path / "nowhere")
    assert shown(folder) == [f"{folder}/in.txt"]
    assert troubles(folder) == {
        "loop": ("SYMLINK_LOOP", False),
        "self": ("SYMLINK_LOOP", False),
        "inside": ("SYMLINK", False),
        "out": ("SYMLINK", True),
        "gone": ("SYMLINK", False),
    }


def test_a_link_given_by_name_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.txt").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert shown(tmp_path / "link") == [f"{tmp_path}/link/a.txt"]


def test_a_file_reached_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text("x")
    assert len(shown(tmp_path, tmp_path / "sub", tmp_path / "sub" / ".." / "sub")) == 1
    assert troubles(tmp_path, tmp_path / "sub/a.txt") == {"a.txt": ("GIVEN_TWICE", False)}
    os.link(tmp_path / "sub" / "a.txt", tmp_path / "hard.txt")
    assert len(shown(tmp_path)) == 2


def test_a_link_to_a_neighbour_of_the_given_folder_leads_outside(tmp_path: Path) -> None:
    for name in ("dump", "dump2"):  # a path that begins like the given one
        (tmp_path / name).mkdir()
    (tmp_path / "dump2" / "a.txt").write_text("x")
    (tmp_path / "dump" / "a").symlink_to(tmp_path / "dump2" / "a.txt")
    (tmp_path / "dump" / "up").symlink_to(tmp_path)
    assert troubles(tmp_path / "dump") == {"a": ("SYMLINK", True), "up": ("SYMLINK_LOOP", False)}


def test_a_path_that_does_not_exist_is_reported_as_the_system_says(tmp_path: Path) -> None:
    detail = "No such file or directory"
    assert list(walk([tmp_path / "gone"])) == [Trouble(f"{tmp_path}/gone", "UNREADABLE", detail)]


def test_sockets_and_fifos_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # socket paths are short
    os.mkfifo("fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("sock")
        assert troubles(Path()) == {"fifo": ("FIFO", False), "sock": ("SOCKET", False)}


@pytest.mark.parametrize(
    ("kind", "reason"), [("BLK", "DEVICE"), ("CHR", "DEVICE"), ("IFO", "FIFO"), ("SOCK", "SOCKET")]
)
def test_whatever_is_no_file_is_not_opened(kind: str, reason: str, tmp_path: Path) -> None:
    status = os.stat_result((getattr(stat, f"S_IF{kind}"), *[0] * 9))
    (tmp_path / "a").mkdir()  # opening it would fail
    found = _check_file(tmp_path / "a", b"a", "a", status, set())
    assert found == Trouble("a", reason, "not a file", lost=False)


def test_devices_are_reported() -> None:
    assert troubles(Path(os.devnull)) == {"null": ("DEVICE", False)}


def test_what_cannot_be_opened_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "b.txt").write_text("x")
    real = os.open

    def refuse(path: object, flags: int, *args: object, **named: object) -> int:
        assert flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) == 0
        if str(path).endswith("a.txt"):
            raise PermissionError(13, "denied")
        return real(path, flags, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refuse)
    assert troubles(tmp_path) == {"a.txt": ("UNREADABLE", True)}
    assert [s.rpartition("/")[2] for s in shown(tmp_path)] == ["b.txt"]


def test_names_in_gbk_are_shown_as_people_wrote_them(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/" + "名单.txt".encode("gbk"), "wb") as file:  # noqa: PTH123
        file.write(b"x")
    (item,) = walk([tmp_path])
    assert isinstance(item, Input)
    assert item.display.endswith("/名单.txt")
    assert item.path.read_bytes() == b"x"
