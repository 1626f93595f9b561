"""Digests of everything that piiscan answers, to prove that two checkouts answer the same.

    python .ci/answers.py --out new.json [--checkout FOLDER] [--texts PATH ...] [--dumps FOLDER ...]
                          [--quick] [--only PREFIX ...] [--keep FOLDER]
    python .ci/answers.py --compare old.json new.json

The first form writes ``{answer: SHA-256}``.  The second prints each answer that differs and exits
with 1 if any does.  ``--keep`` writes the answers too, for ``diff -r`` (they hold clear values).
``--texts``: .jsonl files ("text" or "raw") and .txt files (a text a line), or folders of them.
``--dumps``: folders to scan.  ``--only``: answers whose section begins so (tables, case/prose ...).
Both runs need one machine, one Python and the same packages, texts and dumps.

Only names that do not move are used: those of ``piiscan`` and ``piiscan.presidio``, the console
script of pyproject.toml, and the folders recognizers/ and corpora/ of the checkout.

Fixed before a run: clock and today (``NOW``; ``datetime`` and ``time.time``), the last day of
births (``DAY``), digest key, seeds, umask, time zone, locale, width of the terminal, and times of
sources.
Replaced in the answers: the work folder, the checkout, lines of code that a crash names, the code's
digest, the commit, and each SHA-256 of a file or log line that this run wrote, by the file's name:
manifests, logs and counts hold the code's digest, and their own digests depend on it, as do a
count's ``settings_sha256``, a sample's ``token``, the code of each row in its sheet, the size of a
seal, keyed checksums and the groups of a log's head.

An archive, workbook or document that holds any of these is compared member by member, a SQLite file
by its SQL, a Parquet file by its columns and rows, every other file byte by byte.  All shards of
one table of a case (findings/, records/ ...) are one answer: name and type of each column, then the
rows by source; those of one source as written, shards in the order of their names.  A dictionary
counts as its values, so strings equal a dictionary of strings; int32 does not equal int64.
Not compared: encodings, metadata, nullability, row groups, number, names and checksum files of
shards, their entries in manifests and job stores, how many files a seal has; what manifests and
counts say of the cache and of packages.
Not covered: speed, memory, drawing on a terminal, runs that are killed, hosts other than this one.
``help/`` and ``presidio/config`` may change on purpose: look at them by hand.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import ctypes
import datetime
import gc
import hashlib
import io
import itertools
import json
import os
import random
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NoReturn

NOW: Final = datetime.datetime(2026, 3, 4, 5, 6, 7, tzinfo=datetime.UTC)
DAY: Final = datetime.date(2026, 1, 1)
KEY: Final = hashlib.sha256(b"answers").hexdigest() + "\n"
CORPORA: Final = ("appliance-delivery", "mixed-folder", "prose", "sale-7967", "sms-codes",
                  "three-party", "waybill", "wechat-4300")  # fmt: skip
LABELS: Final = ("身份证号", "手机号", "姓名", "收件地址", "银行卡号", "QQ", "微信号", "运单号",
                 "密码", "备注", "email", "sfzh", "zh", "no_such_column")  # fmt: skip
SOUP: Final = (
    "0123456789", "0123456789", "０１２３４５６７８９", "一二三四五六七八九零〇幺壹贰叁",
    "张王李赵省市区县镇路街号室栋收件人电话手机身份证银行卡微信先生有限公司", "Xx×ABCwxid_gh@.cn",
    "\u200b\u200d\ufeff\u00a0\u3000 \t\r\n", "-—–·.,，、：:;；|/\\()（）[]【】<>\"'=*",
    "\ud800\udc00\udfff\0\u202e😀é⼀㈠①",
)  # fmt: skip
PIECES: Final = (
    "身份证号：", "手机", "电话:", "wxid_", "快递单号:", "QQ", "@qq.com", "收件人：", "先生",
    "13800138000", "430104190506150016", "湖南省长沙市", "人民路1号", "SF", "138****8000", "密码：",
    "验证码", "微信号", "\n寄：", "张三", "6222", '{"phone":"', "&nbsp;",
)  # fmt: skip
RULES: Final = {
    "member.yaml": "id: shop.member\nentity: ORDER_NO\n"
    "title: {zh: 会员编号, en: Membership number}\nwhose: person\nbare: M\n"
    "pattern: ['HY[1-9]\\d{7}']\nboundary: word\n"
    "value: {keep: alnum}\ncolumns: [会员编号]\ncontext: [会员]\n"
    "references: [made up]\nexamples: [{text: '会员HY12345678，', value: 'HY12345678'}]\n"
    "counterexamples: [{text: 'HY00001234', why: zeros}]\n",
    "known.yaml": "id: case.known\nentity: WATCHLIST\ntitle: {zh: 布控号码, en: Known numbers}\n"
    "whose: none\nbare: H\nwatch: {file: known.txt, of: [cn.mobile]}\nreferences: [made up]\n"
    "examples: [{text: '手机13800138000', value: '13800138000'}]\n"
    "counterexamples: [{text: '手机13800138001', why: another}]\n",
    "profile.toml": "format = 1\ntitle = '材料'\n[[part]]\npath = '*'\nwithout = ['account']\n"
    "reason = '联系方式'\nauthor = '甲'\n",
    "known.txt": "# list\n13800138000\n",
}
SCAN: Final = "--key k --as-of 2026-01-01"
#: Tables of a case that are in shards; a shard or its checksum file; its entry in a manifest.
TABLES: Final = "findings|records|ledger|alarms|sendings|doubts|clear"
SHARD: Final = re.compile(rf"\b({TABLES})(?:/[^/]*)?\.parquet(?:\.sha256)?$")
ENTRY: Final = rf'\s*"(?:{TABLES})(?:/[^"/]*)?\.parquet(?:\.sha256)?": "[^"]*"(?:,|\s*(?=\}}))'
#: What is replaced everywhere: entries of shards, facts of cache and packages, keyed checksums,
#: groups of a log's head.
REPLACED: Final = tuple((re.compile(old.encode()), new) for old, new in (
    (ENTRY, b""), (r'("(?:cache|libraries)": )\{[^{}]*\}', rb"\1{}"),
    (r"(?m)^[0-9a-f]{64}(  \S+  )[0-9a-f]{16}$", rb"<keyed>\1<check>"),
    (r"\b(?:[0-9A-Z]{4} ){8}[0-9A-Z]{4}\b", b"<groups>")))  # fmt: skip
#: Commands on a case of the folder ``in``.  !: an act of ``Place``.  +: not with --quick.
CASE: Final = f"""
scan in --case case {SCAN} --operator 甲 --case-number 案1 --workers 2
verify case
+report case --lang en
+count case --lang en --key-by phone --policy platform-cn-2019 --policy tier-cn-2017
+count case --profile rules/profile.toml --from 2022-01-01 --to 2023-06-30
count case
report case
report case --format json
report case --format csv -o tables
report case --format html -o page.html
+report case --format html -o page.en.html --lang en
report case --format xlsx -o book.xlsx
+report case --format xlsx --lang en
report case --format docx -o statement.docx --field client=某某公安局
+report case --format docx -o statement.en.docx --lang en
+report case --format template -o template.docx
sample case -o sample.xlsx --size 25 --seed 7
+sample case -o bare.xlsx --size 9 --seed 8 --by total --clear --key k
+sample case -o each.xlsx --each --step R3 --lang en
!fill sample.xlsx
sample case --take sample.xlsx
export case -o list.csv
export case -o clear.csv --clear --unit row --key k
+export case -o list.xlsx --unit person --lang en
+export case -o list.parquet --unit row
+export case -o r1.csv --rejects R1
+export case -o r2.csv --rejects R2
+export case -o r3.csv --rejects R3
+export case -o r4.csv --rejects R4
+export case -o r5.csv --rejects R5 --lang en
!values clear.csv
lookup case {{0}} {{1}} --key k
lookup case {{0}} --key k --reveal --format json
+lookup case --tail 00 --format csv --lang en
+lookup case {{0}} {{1}} --surname 张 --limit 3 --key k --format json
delete-list case
+delete-list case --format json --lang en -o delete.json
+delete-list case --format csv -o delete.csv
+delete-list case --format xlsx -o delete.xlsx
columns in -o columns.xlsx --as-of 2026-01-01
+columns in -o columns.en.xlsx --as-of 2026-01-01 --lang en
register in -o register.xlsx
+register in -o register.en.xlsx --lang en
!halve in half
!sheets
scan half --case less {SCAN} --columns columns.xlsx --register given.xlsx --reveal
count less --exclude exclude.csv --key k --register given.xlsx
+report less --format html -o less.html
+report less --format json --lang en
+report less --format docx -o less.docx
compare case less --format json
+compare case less -o differ.xlsx --lang en
+compare case clear.csv --key k -o differ.csv
+compare case figures.csv
overlap case less -o overlap
+overlap case less --lang en
redact in -o masked --as-of 2026-01-01
+redact in -o replaced --operator replace --as-of 2026-01-01 --lang en
+redact in -o hashed --operator hash --key k --as-of 2026-01-01
redact in -o drawn --operator pseudonym --key k --as-of 2026-01-01
+scan in --case own {SCAN} --recognizers rules --no-names --min-score 0.3 --workers 1
+run in -o whole --key k --lang en
seal case -o sealed.zip
verify less
"""
BAD: Final = """
--lang fr find x
nonsense
find --min-score 2 x
find --no-such x
find x --as-of yesterday
find x --recognizers nowhere
find x --recognizers broken
recognizers show nothing
recognizers check broken/bad.yaml
scan nowhere --case c
scan in --case in/case --key k
scan in --case c --key in/key
scan in --case c --key short
scan in
report nowhere
report in
report in --format pdf
count in
count in --key-by x
verify in
export in -o a.doc
sample in
lookup in x
compare in in
overlap in
redact in -o in/out
redact nowhere -o out
redact in -o out --operator rot13
columns nowhere
register nowhere
delete-list in
seal in
explain
explain x --html nowhere/x.html
score in/a.csv
score nowhere.jsonl
corpus make nothing -o out
corpus make prose -o out --rows x
"""
VERBS: Final = (
    "", "run", "find", "scan", "columns", "register", "count", "sample", "lookup", "export",
    "compare", "overlap", "report", "verify", "seal", "redact", "delete-list", "explain", "score",
    "version", "recognizers", "recognizers list", "recognizers show", "recognizers check",
    "recognizers docs", "corpus", "corpus make",
)  # fmt: skip


def freeze() -> None:
    """Replace the clock of this process: ``today``, ``now`` and ``time.time`` return ``NOW``."""

    def now(_: type, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        return NOW.astimezone(tz) if tz else NOW.replace(tzinfo=None)

    today = datetime.date(NOW.year, NOW.month, NOW.day)
    clocks: dict[type, dict[str, Callable[..., Any]]] = {
        datetime.date: {"today": lambda _: today},
        datetime.datetime: {"now": now, "today": now, "utcnow": now},
    }
    for kind, methods in clocks.items():
        (names,) = gc.get_referents(kind.__dict__)
        names.update({name: classmethod(method) for name, method in methods.items()})
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))
    seconds = NOW.timestamp()
    time.time = lambda: seconds
    time.time_ns = lambda: int(seconds) * 10**9


class Left(BaseException):
    """A command has ended with the exit code that is its only argument."""


class Answers:
    """Answers of one run: name -> SHA-256 of what was answered, made independent of the place."""

    def __init__(self, home: Path, work: Path, keep: Path | None) -> None:
        """Prepare empty answers; ``keep``: folder for the plain text of each answer, or None."""
        self.digests: dict[str, str] = {}
        self.home, self.work, self.keep = home, work, keep
        #: digest (64 digits) or code of a sample (k and 12) -> of what; text -> what replaces it.
        self.known: dict[str, str] = {}
        self.swaps = {}
        for path, name in ((work, "<work>"), (home, "<checkout>")):
            self.swaps |= {str(path): name, json.dumps(str(path))[1:-1]: name}

    def add(self, name: str, answer: str | bytes) -> None:
        """Store the SHA-256 of ``answer`` under ``name``. Raise ValueError for a used name."""
        if name in self.digests:
            raise ValueError(f"two answers are called {name}")
        if isinstance(answer, str):
            answer = answer.encode("utf-8", "surrogatepass")
        answer = self.plain(answer)
        self.digests[name] = hashlib.sha256(answer).hexdigest()
        if self.keep:
            path = self.keep.joinpath(*(part[:80] for part in name.split("/")))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_name(path.name + ".txt").write_bytes(answer)

    def plain(self, content: bytes) -> bytes:
        """Return a file's content without paths, code digests and digests of written files."""
        if content[:4] == b"PK\x03\x04":
            return self._members(content)
        if content[:6] == b"SQLite":
            base = sqlite3.connect(":memory:")
            base.deserialize(content)
            content = "\n".join(base.iterdump()).encode("utf-8", "surrogatepass")
        elif content[:4] == b"PAR1":
            content = shard_rows([content])
        for old, new in self.swaps.items():
            content = content.replace(old.encode(), new.encode())
        for shape, by in REPLACED:
            content = shape.sub(by, content)
        return re.sub(rb"\b(?:[0-9a-f]{64}|k[0-9a-f]{12})\b", self._named, content)

    def _named(self, found: re.Match[bytes]) -> bytes:
        """Return ``<digest of NAME>`` for a known digest, else the digest itself."""
        name = self.known.get(found[0].decode())
        return f"<digest of {name}>".encode() if name else found[0]

    def _members(self, content: bytes) -> bytes:
        """Return the members of a zip file as plain text; unchanged if all are plain."""
        parts, same = [], True
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                members = {each.filename: archive.read(each) for each in archive.infolist()}
                for name, member in join_shards(members):
                    plain = self.plain(member)
                    same = same and plain == member
                    parts.append(f"== {name}\n".encode("utf-8", "replace") + plain)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError):
            return content
        return content if same else b"\n".join(parts)


class Place:
    """A work folder in which commands run; every file that they write is an answer."""

    def __init__(self, answers: Answers, name: str, run: Callable[[], NoReturn]) -> None:
        """Create the work folder ``name``, enter it, and write key and rule files into it."""
        self.answers, self.name, self.run = answers, name, run
        self.home = answers.work / name.replace("/", "-")
        self.home.mkdir()
        os.chdir(self.home)
        self.seen: dict[str, tuple[int, ...]] = {}
        self.values: list[str] = []
        self.steps = 0
        Path("k").write_text(KEY)
        Path("k").chmod(0o600)
        Path("rules").mkdir()
        for file, text in RULES.items():
            Path("rules", file).write_text(text, encoding="utf-8")

    def begin(self) -> None:
        """Set the time of all files in the folder to NOW and treat them as seen input."""
        for path in sorted(self.home.rglob("*"), reverse=True):
            os.utime(path, (NOW.timestamp(), NOW.timestamp()))
        self._changed()

    def call(self, words: Sequence[str], stdin: bytes = b"") -> tuple[int, str]:
        """Run one command in this process; return its exit code and its printed text."""
        kept = sys.stdin, sys.stdout, sys.stderr, sys.argv, sys.meta_path[:], os._exit
        ends = [io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2)]
        sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
        sys.stdout, sys.stderr = ends
        sys.argv = ["piiscan", *words]
        os._exit = leave
        code = -1
        try:
            self.run()
        except Left as done:
            code = done.args[0]
        finally:
            for end in ends:
                end.flush()
            sys.stdin, sys.stdout, sys.stderr, sys.argv, sys.meta_path[:], os._exit = kept
        out, err = (end.buffer.getvalue().decode("utf-8", "replace") for end in ends)
        err = re.sub(r"\w+\.py:\d+( > \w+\.py:\d+)*", "<lines of code>", err)
        return code, f"{out}-- stderr\n{err}-- exit code {code}\n"

    def step(self, line: str, *more: str, stdin: bytes = b"") -> None:
        """Run a command line; store its printed text and each file it wrote as answers."""
        self.steps += 1
        words = [word.format(*self.values) if "{" in word else word for word in shlex.split(line)]
        _, told = self.call([*words, *more], stdin)
        if words[0] == "seal":
            told = re.sub(r"[\d,]+ (?=字节|bytes|个文件|files)", "<size> ", told)
        name = f"{self.name}/{self.steps:02} {line.replace('/', '|')}"
        self._note(name, told)

    def _note(self, name: str, told: str) -> None:
        """Store printed text and changed files of a command as answers below ``name``."""
        changed = self._changed()
        for path in sorted(changed, key=lambda path: path.name == "log.jsonl"):
            self._know(path.relative_to(self.home).as_posix(), path.read_bytes())
        self.answers.add(f"{name}/told", told)
        files = {path.relative_to(self.home).as_posix(): path for path in changed}
        for file, content in join_shards({f: path.read_bytes() for f, path in files.items()}):
            modes = {files[f].stat().st_mode & 0o777 for f in files if SHARD.sub(r"\1", f) == file}
            mode = f"mode {' '.join(map('{:o}'.format, sorted(modes)))}\n".encode()
            self.answers.add(f"{name}/{file}", mode + self.answers.plain(content))

    def _know(self, name: str, content: bytes) -> None:
        """Store the digests of a written file, and those inside it that depend on the code."""
        known = self.answers.known
        known.setdefault(hashlib.sha256(content).hexdigest(), name)
        match Path(name).name:
            case "log.jsonl":
                for number, line in enumerate(content.splitlines(keepends=True), 1):
                    known.setdefault(hashlib.sha256(line).hexdigest(), f"{name}, {number}")
                    event = json.loads(line)
                    if event["event"] == "report":  # a page that the same command wrote over
                        known.setdefault(event["sha256"], f"{event['file']}, written over")
            case "manifest.json":
                tool = json.loads(content)["tool"]
                known[tool["code_sha256"]] = "the code"
                if kernels := tool.get("kernels_sha256"):
                    known[kernels] = "the kernels"
                if commit := tool["commit"]:
                    swaps = {f'"{commit}"': "null", commit: "", f" ({commit[:12]})": ""}
                    self.answers.swaps |= swaps
            case "count.json":
                known[json.loads(content)["settings_sha256"]] = "a count's settings"
            case "sample.json":
                known[json.loads(content)["token"]] = "a sample's settings"
            case workbook if workbook in ("sample.xlsx", "each.xlsx", "bare.xlsx"):
                import openpyxl

                rows = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].values
                at = next(n for n, cell in enumerate(next(rows)) if cell in ("核对码", "code"))
                known.update((row[at], f"{name}, {n}") for n, row in enumerate(rows) if row[at])

    def _changed(self) -> list[Path]:
        """Return the files that are new or changed since the last call."""
        changed = []
        for path in sorted(self.home.rglob("*")):
            if path.is_file():
                now = path.stat()
                state = (now.st_ino, now.st_mtime_ns, now.st_ctime_ns, now.st_size)
                if self.seen.get(str(path)) != state:
                    self.seen[str(path)] = state
                    changed.append(path)
        return changed

    def fill(self, name: str) -> None:
        """Fill in the results of a verification sheet: real, untrue, wrong, unverifiable, empty."""
        import openpyxl

        book = openpyxl.load_workbook(name)
        sheet = book.worksheets[0]
        columns = {cell.value: cell.column for cell in sheet[1]}
        results = itertools.cycle(("实", "实", "虚", "", "错", "实", "无法核实"))
        for row in range(2, sheet.max_row + 1):
            for heading, text in (("核实结果", next(results)), ("核实方式", "电话"),
                                  ("核实人", "甲"), ("核实时间", "2026-02-01")):  # fmt: skip
                if heading in columns:
                    sheet.cell(row, columns[heading]).value = text
        book.save(name)
        self._changed()

    def take_values(self, name: str) -> None:
        """Set ``values`` to two numbers of a CSV list: the first and last phone or identity."""
        with Path(name).open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in itertools.islice(csv.reader(file), 1, 200) for cell in row]
        long = [cell for cell in cells if re.fullmatch(r"1\d{10}|\d{17}[\dX]", cell)]
        self.values = [(long or ["13800138000"])[0], (long or ["13800138000"])[-1]]

    def halve(self, source: str, out: str) -> None:
        """Copy every second file of the folder ``source`` to the folder ``out``."""
        files = [path for path in sorted(Path(source).rglob("*")) if path.is_file()]
        for path in files[::2]:
            to = Path(out, path.relative_to(source))
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to)
        self.begin()

    def sheets(self) -> None:
        """Write the files a person returns: register, exclusion list and figures."""
        names = sorted(path.as_posix() for path in Path("half").rglob("*") if path.is_file())
        given = next(Path().glob("in.register.xlsx"), None)
        if given is not None:  # that of the corpus, with its parties
            shutil.copyfile(given, "given.xlsx")
        else:
            shutil.copyfile("register.xlsx", "given.xlsx")
        lines = [("类型", "内容", "理由", "提出人"), ("值", self.values[0], "办案人员", "甲"),
                 ("路径", names[-1], "无关", "乙")]  # fmt: skip
        figures = [("类型", "数量"), ("手机号", "7"), ("姓名", "9")]
        for name, rows in (("exclude.csv", lines), ("figures.csv", figures)):
            with Path(name).open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file).writerows(rows)
        self.begin()


def leave(code: int) -> NoReturn:
    """Raise :class:`Left`; replaces ``os._exit`` while a command runs."""
    raise Left(code)


def serialise(table: Any) -> str:
    """Return an Arrow table as text: its schema, then the exact values of each row."""
    import pyarrow as pa

    columns = []
    for column in table.columns:
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            raw = column.cast(pa.large_binary()).to_pylist()
            cells = [None if c is None else c.decode("utf-8", "surrogatepass") for c in raw]
        else:
            cells = column.to_pylist()
        columns.append(cells)
    head = [(field.name, str(field.type), field.nullable) for field in table.schema]
    return "\n".join(map(repr, itertools.chain(head, zip(*columns, strict=True))))


def join_shards(files: dict[str, bytes]) -> list[tuple[str, bytes]]:
    """Return (name, content) of files; shards of one table are one, with its rows as text."""
    tables: dict[str, list[bytes]] = {}
    for name, content in sorted(files.items()):
        table = tables.setdefault(SHARD.sub(r"\1", name), [])
        if content[:4] == b"PAR1" or not SHARD.search(name):
            table.append(content)
    return [(n, shard_rows(each) if n not in files else each[0]) for n, each in tables.items()]


def shard_rows(shards: Iterable[bytes]) -> bytes:
    """Return the rows of Parquet files of one table as text, by source if there is such a column.

    Rows of one source are as written. A dictionary column has the type of its values.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    table = pa.concat_tables(pq.ParquetFile(io.BytesIO(shard)).read() for shard in shards)
    kinds = {f.name: f.type for f in table.schema}
    kinds = {n: k.value_type if pa.types.is_dictionary(k) else k for n, k in kinds.items()}
    table = pa.table({name: table[name].cast(kind) for name, kind in kinds.items()})
    if "source" in kinds:
        table = table.take(pc.sort_indices(table["source"]))  # stable
    return serialise(table).encode("utf-8", "surrogatepass")


def mutate(texts: Sequence[str], rng: random.Random) -> str:
    """Return one of ``texts`` with one to four random changes."""
    text = rng.choice(texts)[:400]
    for _ in range(rng.randint(1, 4)):
        at = rng.randint(0, len(text))
        end = min(len(text), at + rng.randint(1, 3))
        piece = text[at:end]
        other, any_ = rng.choice(texts)[:100], rng.choice(PIECES)
        mark = rng.choice(rng.choice(SOUP))
        wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in piece)
        head, tail, rest = text[:at], text[end:], text[at:]
        text = rng.choice((
            head + tail, head + mark + rest, head + mark + tail, head + piece * 2 + tail,
            head + wide + tail, head + piece[::-1] + tail, head + any_ + rest, any_ + text,
            head + other + rest, text + rng.choice((" ", "，", "\n", "")) + other,
        ))  # fmt: skip
    return text


def concoct(rng: random.Random) -> str:
    """Return a random text of digits, Hanzi, marks, invisible characters and labels."""
    parts = []
    for _ in range(rng.randint(1, 12)):
        soup = rng.choice(SOUP)
        length = rng.choice((1, 2, 4, 6, 11, 15, 18, 19)) if soup[0] in "0０" else rng.randint(1, 5)
        many = "".join(rng.choice(soup) for _ in range(length))
        parts.append(rng.choice((many, many, rng.choice(PIECES))))
    return "".join(parts)


def read_texts(paths: Iterable[Path]) -> dict[str, list[str]]:
    """Return file name -> texts of each .jsonl and .txt file; folders are not searched deeper."""
    files = [f for path in paths for f in (sorted(path.iterdir()) if path.is_dir() else [path])]
    texts = {}
    for file in files:
        if file.suffix == ".jsonl":
            rows = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line]
            texts[file.name] = [row.get("text", row.get("raw", "")) for row in rows]
        elif file.suffix == ".txt":
            texts[file.name] = file.read_text("utf-8").splitlines()
    return texts


def read_examples(home: Path) -> dict[str, list[tuple[str, str | None]]]:
    """Return recognizer id -> (text, label) of its examples and counterexamples."""
    import yaml

    examples = {}
    for path in sorted((home / "recognizers").rglob("*.yaml")):
        rule = yaml.load(path.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        rows = [*(rule.get("examples") or ()), *(rule.get("counterexamples") or ())]
        if rows and "id" in rule:
            examples[rule["id"]] = [(row["text"], row.get("label")) for row in rows]
    return examples


class Session:
    """One run over a checkout: its texts, dumps and answers."""

    def __init__(self, given: argparse.Namespace, home: Path, work: Path) -> None:
        """Load entry point, texts and examples of the checkout ``home``."""
        script = tomllib.loads((home / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
        self.entry = script["piiscan"].split(":")
        self.run = getattr(import_module(self.entry[0]), self.entry[1])
        self.home, self.quick, self.dumps = home, given.quick, given.dumps
        self.only = tuple(given.only)
        self.answers = Answers(home, work, given.keep)
        self.texts = read_texts(given.texts)
        self.files = [f for p in given.texts for f in (sorted(p.iterdir()) if p.is_dir() else [p])]
        self.examples = read_examples(home)

    def place(self, name: str) -> Place:
        """Return a new work folder ``name``."""
        return Place(self.answers, name, self.run)

    def go(self) -> None:
        """Run the requested sections; print the processor time of each to stderr."""
        sections: list[tuple[str, Callable[[], None]]] = [
            ("tables", self.tables), ("frames", self.frames), ("random", self.random),
            ("find", self.find), ("explain", self.explain), ("presidio", self.presidio),
            ("bad", self.bad), ("help", self.help), ("score", self.score),
            ("process", self.process)]  # fmt: skip
        sections += [(f"case/{name}", partial(self.corpus, name)) for name in CORPORA]
        sections += [(f"case/dump {each.name}", partial(self.dump, each)) for each in self.dumps]
        self.place("warm").call(["explain", "张三 13800138000"])  # what compiles says so: not here
        for name, section in sections:
            if not self.only or name.startswith(self.only):
                began, wall = time.process_time(), time.perf_counter()
                section()
                cpu, wall = time.process_time() - began, time.perf_counter() - wall
                print(f"{name}: {cpu:.1f} s of CPU, {wall:.1f} s", file=sys.stderr, flush=True)

    def _table(self, name: str, texts: Sequence[str], step: int = 0, **how: Any) -> None:
        """Store the findings of ``texts`` as an answer, ``step`` texts a call (0: all)."""
        import piiscan

        size = step or len(texts) or 1
        batches = [texts[at : at + size] for at in range(0, len(texts), size)]
        told = [serialise(piiscan.find_table(each, as_of=DAY, **how)) for each in batches]
        self.answers.add(name, "\n".join(told))

    def tables(self) -> None:
        """Store the findings of all texts: plain, with rejected ones, without names, labelled."""
        import piiscan

        short = 14 if self.quick else 280
        own = {"examples": [text for rows in self.examples.values() for text, _ in rows]}
        for name, listed in (own | self.texts).items():
            texts = listed[: 140 if self.quick else None]
            few = texts[:: max(1, len(texts) // short)]
            self._table(f"tables/{name}/plain", texts)
            self._table(f"tables/{name}/all", texts, rejected=True, min_score=0.0)
            self._table(f"tables/{name}/nameless", texts, rejected=True, min_score=0.0, names=False)
            self._table(f"tables/{name}/in sevens", few, step=7, rejected=True)
            for label in LABELS:
                self._table(f"tables/{name}/{label}", few, label=label, rejected=True)
            objects = [
                (f, f.text, f.value, f.context, f.role, f.reason, f.alternatives, more,
                 piiscan.coarse(more))
                for found in piiscan.find_all(few[: short // 7], as_of=DAY)
                for f in found for more in [f.attributes(as_of=DAY)]
            ]  # fmt: skip
            self.answers.add(f"tables/{name}/objects", "\n".join(map(repr, objects)))
            table = piiscan.find_table(few, as_of=DAY)
            columns = [table[each] for each in ("entity", "recognizer", "value")]
            told = piiscan.attribute_table(*columns, as_of=DAY)
            self.answers.add(f"tables/{name}/attributes", serialise(told))

    def frames(self) -> None:
        """Store the findings in the dumps' CSV files as Arrow, pandas and polars tables."""
        import pandas as pd
        import polars as pl
        from pyarrow import csv as arrow

        import piiscan

        for path in (path for folder in self.dumps for path in sorted(folder.rglob("*.csv"))):
            table = arrow.read_csv(path)
            few = table.slice(0, 200)
            ways = {"arrow": table, "pandas": few.to_pandas(), "polars": pl.from_arrow(few),
                    "text": pd.read_csv(path, dtype=str)}  # fmt: skip
            for how, each in ways.items():
                found = piiscan.find_frame(each, as_of=DAY, names=how != "text", min_score=0.3)
                self.answers.add(f"frames/{path.name}/{how}", serialise(found))

    def random(self) -> None:
        """Store the findings of 20,000 random texts, with and without names and rejected ones."""
        rng = random.Random(20260304)
        pool = [text for rows in self.examples.values() for text, _ in rows]
        pool += [text for listed in self.texts.values() for text in listed[:300]]
        for part in range(2 if self.quick else 20):
            texts = [mutate(pool, rng) if part % 2 else concoct(rng) for _ in range(1000)]
            label = LABELS[part % len(LABELS)]
            self._table(f"random/{part:02}/plain", texts)
            for names in (True, False):
                how = {"rejected": True, "min_score": 0.0, "names": names}
                self._table(f"random/{part:02}/all, names {names}", texts, **how)
                self._table(f"random/{part:02}/labelled, names {names}", texts, label=label, **how)
            self._table(f"random/{part:02}/in tens", texts[:200], step=10, rejected=True)

    def find(self) -> None:
        """Store the output of ``find``, ``recognizers`` and ``version``."""
        place = self.place("find")
        place.begin()
        lines = defaultdict(list)
        for text, label in (row for rows in self.examples.values() for row in rows):
            lines[label].append(text.replace("\n", " ").replace("\r", " "))
        for label, texts in sorted(lines.items(), key=lambda item: item[0] or ""):
            more = ["--label", label] if label else []
            text = "\n".join(texts).encode("utf-8", "replace")
            for line in ("find --as-of 2026-01-01 --attributes --rejected",
                         "find --as-of 2026-01-01 --no-names --min-score 0.3"):  # fmt: skip
                place.step(line + (f" --label {label}" if more else ""), stdin=text)
        some = [row[0] for rows in self.examples.values() for row in rows][::10]
        found = [place.call(["find", "--as-of", str(DAY), "-e", text])[1] for text in some]
        self.answers.add("find/one by one", "\n".join(found))
        place.step("find --recognizers rules", "会员HY12345678，手机13800138000")
        place.step("find", stdin=b"13800138000 \xff\xd5\xc5\xc8\xfd\r\n\n13900139000")
        for line in ("recognizers list", "recognizers list --lang en", "recognizers docs -o zh",
                     "recognizers docs -o en --lang en", "recognizers list --recognizers rules",
                     "recognizers check rules/member.yaml", "version"):  # fmt: skip
            place.step(line)
        for name in list(self.examples)[:: 9 if self.quick else 1]:
            for language in ("zh", "en"):
                words = ["recognizers", "show", name, "--lang", language]
                self.answers.add(f"find/show {name} {language}", place.call(words)[1])

    def explain(self) -> None:
        """Store the explanation of every example as text, JSON and page in both languages."""
        place = self.place("explain")
        extra = [(text, None) for listed in self.texts.values() for text in listed[:3]]
        for name, rows in (self.examples | {"texts": extra}).items():
            told = defaultdict(list)
            for number, (text, label) in enumerate(rows[:2] if self.quick else rows):
                words = ["explain", "--as-of", str(DAY), *(["--label", label] if label else [])]
                ways = {"zh": [], "json": ["--json"]}
                if number % 3 == 0:
                    html = ["--html", "page.html"]
                    ways |= {"en": ["--lang", "en"], "page": html,
                             "page en": [*html, "--reveal", "--lang", "en"]}  # fmt: skip
                for way, more in ways.items():
                    page = Path("page.html")
                    page.unlink(missing_ok=True)
                    shown = place.call([*words, *more, "--", text])[1]
                    shown += page.read_text("utf-8") if page.exists() else ""
                    told[way].append(shown)
            for way, answers in told.items():
                self.answers.add(f"explain/{name}/{way}", "\n".join(answers))

    def presidio(self) -> None:
        """Store the results and masked texts of piiscan's recognizers in Presidio."""
        from piiscan import presidio

        analyzer, masker = presidio.analyzer(as_of=DAY), presidio.anonymizer()
        rows = [row for each in self.examples.values() for row in each[: 1 if self.quick else 5]]
        rows += [(text, None) for listed in self.texts.values() for text in listed[:3]]
        found, weak, masked = [], [], []
        for text, label in rows:
            results = analyzer.analyze(text, language="zh", return_decision_process=True)
            found.append(sorted(
                (r.entity_type, r.start, r.end, r.score, str(r.analysis_explanation))
                for r in results
            ))  # fmt: skip
            results = analyzer.analyze(text, language="zh", score_threshold=0.3,
                                       context=[label] if label else None)  # fmt: skip
            weak.append(sorted((r.entity_type, r.start, r.end, r.score) for r in results))
            for operator in ("cn_mask", "cn_replace", "cn_hash", "cn_pseudonym"):
                key = {"key": b"k" * 32} if operator in ("cn_hash", "cn_pseudonym") else {}
                how = presidio.operators(operator, **key)
                try:
                    masked.append(masker.anonymize(text, results, operators=how).text)
                except Exception as error:  # noqa: BLE001 - an answer too
                    masked.append(f"{type(error).__name__}: {error}")
        self.answers.add("presidio/found", "\n".join(map(repr, found)))
        self.answers.add("presidio/weak", "\n".join(map(repr, weak)))
        self.answers.add("presidio/masked", "\n".join(masked))
        names = sorted((each.name, *each.supported_entities) for each in presidio.recognizers())
        self.answers.add("presidio/recognizers", repr(names))
        config = self.answers.work / "config"
        presidio.write_config(config)
        for path in sorted(config.rglob("*")):
            if path.is_file() and path.stat().st_size < 100_000:
                name = path.relative_to(config).as_posix()
                self.answers.add(f"presidio/config/{name}", path.read_bytes())

    def bad(self) -> None:
        """Store the error messages and exit codes for unusable input in both languages."""
        place = self.place("bad")
        for name in ("in", "broken"):
            Path(name).mkdir()
        Path("in/a.csv").write_text("手机号\n13800138000\n", encoding="utf-8")
        Path("broken/bad.yaml").write_text("id: x\nshape: ['(']\nid: y\n", encoding="utf-8")
        Path("short").write_text("abc\n")
        place.begin()
        for line in BAD.strip().splitlines():
            place.step(line)
            place.step(f"{line} --lang en")

    def help(self) -> None:
        """Store the help page of every verb in both languages."""
        place = self.place("help")
        for verb, language in itertools.product(VERBS, ("zh", "en")):
            words = [*verb.split(), "--help", "--lang", language]
            self.answers.add(f"help/{verb or 'piiscan'}/{language}", place.call(words)[1])

    def score(self) -> None:
        """Store the scores against the given labelled texts."""
        place = self.place("score")
        labelled = []
        for path in self.files:
            if path.suffix == ".jsonl":
                lines = path.read_text("utf-8").splitlines()[: 60 if self.quick else 300]
                if lines and {"id", "spans"} <= json.loads(lines[0]).keys():
                    Path(path.name).write_text("\n".join(lines), encoding="utf-8")
                    labelled.append(path.name)
        place.begin()
        for name in labelled:
            place.step(f"score {name} --as-of 2026-01-01 --errors {name}.html")
            place.step(f"score {name} --as-of 2026-01-01 --format json --map CN_MOBILE=PHONE")

    def process(self) -> None:
        """Store the output of the installed command in a process of its own."""
        code = f"from {self.entry[0]} import {self.entry[1]}; {self.entry[1]}()"
        for words in (["find", "--as-of", str(DAY), "-e", "张三 13800138000"], ["find", "--as-of"],
                      ["explain", "--as-of", str(DAY), "身份证430104190506150016"]):  # fmt: skip
            where = os.environ | {"PYTHONPATH": str(self.home / "src")}
            command = [sys.executable, "-c", code, *words]
            done = subprocess.run(command, capture_output=True, env=where, check=False)
            told = done.stdout + done.stderr + str(done.returncode).encode()
            self.answers.add(f"process/{' '.join(words)}", told)

    def corpus(self, name: str) -> None:
        """Store a synthetic corpus, and the output of all case commands on it."""
        place = self.place(f"case/{name}")
        place.step(f"corpus make {name} -o made --rows {120 if self.quick else 400} --seed 3")
        place.step(f"corpus make {name} -o small --rows 30 --seed 4 --lang en")
        shutil.rmtree("small")
        shutil.move(f"made/{name}", "in")
        for path in Path("made").glob("*.register.xlsx"):
            shutil.move(path, "in.register.xlsx")
        if not self.quick or name in ("mixed-folder", "three-party"):
            self._case(place)

    def dump(self, folder: Path) -> None:
        """Store the output of all case commands on a given folder."""
        place = self.place(f"case/dump {folder.name}")
        shutil.copytree(folder, "in", copy_function=shutil.copyfile)
        self._case(place)

    def _case(self, place: Place) -> None:
        """Run all case commands in the work folder; store output, files and tables."""
        import piiscan

        for path in Path("in").rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        place.begin()
        for line in CASE.strip().splitlines():
            if line.startswith("+") and self.quick:
                continue
            match line.split():
                case ["!fill", name]:
                    place.fill(name)
                case ["!values", name]:
                    place.take_values(name)
                case ["!halve", source, out]:
                    place.halve(source, out)
                case ["!sheets"]:
                    place.sheets()
                case _:
                    place.step(line.removeprefix("+"))
        case = piiscan.Case.open("case")
        for view in ("findings", "records"):
            told = serialise(case.sql(f"select * from {view} order by all"))
            self.answers.add(f"{place.name}/sql {view}", told)
        self.answers.add(f"{place.name}/tables", json.dumps(case.tables(), default=str))
        self.answers.add(f"{place.name}/verify", repr(case.verify()))


def compare(old: Path, new: Path) -> int:
    """Print the names of answers that differ between two runs; return 1 if any does, else 0."""
    before, after = (json.loads(path.read_text("utf-8")) for path in (old, new))
    told = [f"- {name}" for name in sorted(before.keys() - after.keys())]
    told += [f"+ {name}" for name in sorted(after.keys() - before.keys())]
    told += [f"! {n}" for n in sorted(before.keys() & after.keys()) if before[n] != after[n]]
    print("\n".join([*told, f"{len(told)} of {len(before | after)} answers differ"]))
    return 1 if told else 0


def settle(work: Path) -> None:
    """Set environment, time zone, umask and clock of this process to fixed values."""
    for name in [n for n in os.environ if n.startswith(("LC_", "PIISCAN"))]:
        del os.environ[name]
    os.environ |= {"LANG": "zh_CN.UTF-8", "TZ": "UTC", "COLUMNS": "100", "NO_COLOR": "1",
                   "TERM": "dumb", "XDG_DATA_HOME": str(work / "data")}  # fmt: skip
    time.tzset()
    os.umask(0o022)
    freeze()
    import typer.main

    # every call of the command line builds all verbs anew, three quarters of a short one's time
    if hasattr(typer.main, "get_params_from_function"):
        typer.main.get_params_from_function = cache(typer.main.get_params_from_function)


def main() -> int:
    """Write the answer digests of a checkout to ``--out``, or compare two such files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--compare", nargs=2, type=Path, metavar="JSON")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--checkout", type=Path, help="the one that is imported by default")
    for name in ("--texts", "--dumps"):
        parser.add_argument(name, nargs="+", action="extend", default=[], type=Path)
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    if given.compare:
        return compare(*given.compare)
    if given.out is None:
        parser.error("--out or --compare is needed")
    for name in ("texts", "dumps"):
        setattr(given, name, [path.resolve() for path in getattr(given, name)])
    given.out, given.keep = given.out.resolve(), given.keep and given.keep.resolve()
    if given.checkout:
        sys.path.insert(0, str(given.checkout.resolve() / "src"))
    with tempfile.TemporaryDirectory(prefix="answers-") as folder:
        work = Path(folder).resolve()
        settle(work)
        import piiscan

        home = Path(piiscan.__file__).resolve().parents[2]
        if given.checkout and home != given.checkout.resolve():
            parser.error(f"piiscan is imported from {home}")
        if not (home / "recognizers").is_dir() or not (home / "corpora").is_dir():
            parser.error(f"{home} is no checkout")
        print(f"answers of {home}", file=sys.stderr)
        session = Session(given, home, work)
        with contextlib.chdir(work):
            session.go()
        gc.collect()
    text = json.dumps(session.answers.digests, ensure_ascii=False, indent=0, sort_keys=True)
    given.out.write_text(text + "\n", encoding="utf-8")
    print(f"{len(session.answers.digests)} answers, {time.process_time():.0f} s of CPU")
    return 0


if __name__ == "__main__":
    sys.exit(main())
