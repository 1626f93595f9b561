"""Whatever is not personal information stands in a copy byte for byte as in its source."""

import io
import zipfile
from pathlib import Path

import pytest

from piiscan.case.scan.scan import scan
from piiscan.copies.redact_folder import redact
from piiscan.copies.replacer import OPERATORS
from piiscan.synth import make, recipe_names
from tests.copies.outside import differences, found
from tests.keys import random_secret, write_key
from tests.often import long, often

PHONE, ID = "13800138000", "430104190506150016"
#: Keys under which 号主张洁慧 of a chat was once 号主某…, a longer name, and lost its 号主.
MISREAD = (
    "b7b25c6a484e0cdf701afdd0999f52439ddd53ed16adbc2e5b1e56f6795bedbc",
    "d78ae1931a3249c7cda91bc376153a219cd5a96abb11950caa0c1701e28fa94f",
    "6ac8081b642419ead1326b15f7efc0fed2526205f29df062b6e404b623ecd8dd",
    "61756c021980a882f1791a7b11e9b0bbd78a5c7bcac9c6d0babb31cc06becb8d",
)
TABLE = f"姓名,手机号\r\n张三,{PHONE}\r\n\r\n,\r\n李四,13900139000"
#: Texts that are odd in what stands beside the values.
ODD = {
    "gbk.txt": f"张三丰 电话{PHONE}\r\n收件人：李四，长沙市麓山南路9号\r\n好\r\n".encode("gbk"),
    "nul.txt": f"abc\0def\n电话{PHONE}\n\0\0\n身份证{ID}\0\n".encode(),
    "nul.csv": TABLE.replace("\r\n\r\n", "\r\n\0\0\0\r\n").encode("gbk"),
    "cr.csv": TABLE.replace("\r\n", "\r").encode(),
    "bom.csv": b"\xef\xbb\xbf" + TABLE.encode(),
    "utf16.txt": f"电话{PHONE}\r\n身份证{ID}\r\n".encode("utf-16"),
    "broken.txt": f"电话{PHONE}，".encode() + b"\xff\xfe\x80" + f"身份证{ID}\n完\n".encode(),
    "wide.txt": f"电话138\u200b0013\u200b8000，１３８００１３８０００ ①{PHONE}\n".encode(),
    "long.txt": f"{'x' * 70000}13700137000{'y' * 10} 电话{PHONE}\n".encode(),
    "tabs.txt": f"张三\t{PHONE}\t{ID}\n李四\t13900139000\t\n".encode("gb18030"),
    "formulas.csv": f"sep=;\n姓名;手机号\n张三;=\"{PHONE}\"\n李四;'13900139000\n".encode(),
}  # fmt: skip


def part(data: bytes, member: str) -> bytes:
    """The bytes of a file, a member of it, or a member of its members."""
    for name in filter(None, member.partition("#")[0].split("!")):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {each.decode_name: each for each in map(_Named, archive.infolist())}
            data = archive.read(names[name].info)
    return data


class _Named:
    """An entry with its name as it was meant: GBK where nothing says UTF-8."""

    def __init__(self, info: zipfile.ZipInfo) -> None:
        self.info = info
        plain = info.flag_bits & 0x800
        self.decode_name = info.filename if plain else info.filename.encode("cp437").decode("gbk")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """The same key each time: pseudonyms, and with them this test, depend on it."""
    return write_key(tmp_path / "key", random_secret(0))


@pytest.mark.parametrize("recipe", often(recipe_names(), ["sms-codes", "mixed-folder"]))
def test_a_copy_of_a_corpus_is_its_source_but_for_what_was_found(
    tmp_path: Path, key: Path, recipe: str
) -> None:
    made = make(recipe, rows=30, seed=5, out=tmp_path / "made").folder
    case = scan(made, case=tmp_path / "case", key=key, reveal=True)
    spans = found(case)
    parts = case.sql("select s.path, p.* from parts p join sources s using (source)").to_pylist()
    for operator in OPERATORS:
        out = tmp_path / operator
        done = redact(made, out=out, operator=operator, key=key)
        assert done.remaining == 0
        copies = {copy.source: copy for copy in done.copies}
        for each in parts:
            if each["kind"] == "archive" or each["path"].endswith("截断.zip"):  # read, not copied
                continue
            copy = copies[each["path"]].copy
            assert copy is not None, each["path"]
            source = part(Path(each["path"]).read_bytes(), each["member"])
            told = part((out / copy).read_bytes(), each["member"])
            where = spans.get((each["source"], each["member"].partition("#")[0]), [])
            kind = each["kind"]
            assert list(differences(source, told, where, kind=kind)) == [], (each["path"], operator)


@pytest.mark.parametrize("secrets", [MISREAD[:1], long(MISREAD[1:])], ids=["one", "others"])
def test_names_in_chats_keep_what_stands_before_them_under_every_key(
    tmp_path: Path, secrets: tuple[str, ...]
) -> None:
    made = make("wechat-4300", rows=30, seed=5, out=tmp_path / "made").folder
    case = scan(made, case=tmp_path / "case", key=tmp_path / "own", reveal=True)
    spans = [span for listed in found(case).values() for span in listed if span["kind"] == "text"]
    (chat,) = made.glob("聊天记录.txt")
    for number, secret in enumerate(secrets):
        write_key(tmp_path / f"{number}.key", bytes.fromhex(secret))
        out = tmp_path / f"out-{number}"
        done = redact(chat, out=out, operator="pseudonym", key=tmp_path / f"{number}.key")
        assert (done.remaining, done.copies[0].second_pass_count) == (0, 0)
        told = differences(chat.read_bytes(), (out / chat.name).read_bytes(), spans, kind="text")
        assert list(told) == [], number


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_copy_of_an_odd_text_is_its_source_but_for_what_was_found(
    tmp_path: Path, key: Path, operator: str
) -> None:
    (tmp_path / "odd").mkdir()
    for name, data in ODD.items():
        (tmp_path / "odd" / name).write_bytes(data)
    case = scan(tmp_path / "odd", case=tmp_path / "case", key=key, reveal=True)
    spans = found(case)
    done = redact(tmp_path / "odd", out=tmp_path / "out", operator=operator, key=key)
    assert done.remaining == 0
    for source, name in enumerate(sorted(ODD), 1):
        copy = (tmp_path / "out" / "odd" / name).read_bytes()
        assert spans[source, ""], name
        told = differences(ODD[name], copy, spans[source, ""], kind="text")
        assert list(told) == [], name
