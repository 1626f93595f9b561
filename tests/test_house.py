"""The house's own rules as claims about its files; its documents are true."""

import ast
import doctest
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import piiscan
from piiscan.case.tiers.policy import (
    Category,
    Insider,
    Money,
    Multiple,
    Policy,
    Remark,
    ThresholdLine,
    load_policy,
)
from piiscan.case.tiers.rule_file import LegalBasis, RulePart

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "piiscan"
MODULES = sorted(SOURCE.rglob("*.py"))
HEAVY = (
    *("numpy", "pyarrow", "duckdb", "yaml", "pandas", "polars", "jinja2"),
    *("spacy", "jieba", "presidio_analyzer", "presidio_anonymizer", "phonenumbers"),
)


def names(module: Path) -> str:
    return module.relative_to(SOURCE).as_posix()


def test_modules_are_named_for_what_they_are() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
    assert [names(each) for each in MODULES if each.stem in vague] == []


def test_only_errors_models_and_the_presidio_door_inherit() -> None:
    allowed = {"IntEnum", "Enum", "StrEnum", "NamedTuple", "Protocol", "TypedDict"}
    allowed |= {"ZipInfo"}  # zipfile has no other way to write a name in the bytes it has
    allowed |= {"BaseModel", "RuleTable", "LegalBasis", "RulePart", "RuleFile"}  # rules' models
    allowed |= {"DummyTokenizer"}  # spaCy's base of tokenizers, which saves nothing
    allowed |= {"H11Protocol"}  # uvicorn's, with a bound on the time of headers
    allowed |= {"TableMapping"}  # a mapping that reads its tables late
    allowed |= {"Img_Info"}  # pytsk3 reads a stream by no other way
    inheriting = []
    for module in MODULES:
        text = module.read_text("utf-8")
        if "presidio" in module.parts or module.name == "errors.py":
            continue
        if not re.search(r"^ *class \w+[\[(]", text, re.MULTILINE):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef):
                bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
                if bases - allowed:
                    inheriting.append(f"{names(module)}:{node.name}")
    assert inheriting == []


def test_the_engine_asks_no_clock_locale_or_network() -> None:
    hidden = re.compile(
        r"\.today\(|\.now\(|time\.time\(|getlocale|import (socket|requests|urllib)|os\.environ"
    )
    rooms = [SOURCE / "detect", SOURCE / "sources"]
    doors = {
        SOURCE / "detect" / "findings" / "finding.py",  # ages of a finding, by default today's
        SOURCE / "sources" / "stores.py",  # only the evidence that is given by an address
    }
    asking = [
        f"{names(module)}:{number}"
        for room in rooms
        for module in sorted({*room.rglob("*.py")} - doors)
        for number, line in enumerate(module.read_text("utf-8").splitlines(), 1)
        if hidden.search(line)
    ]
    assert asking == []


def test_nothing_is_unpickled() -> None:
    """Data run no code: what a worker or a cache says is JSON, Arrow, or plain arrays."""
    forbidden = {"pickle", "cPickle", "marshal", "shelve", "multiprocessing", "dill", "cloudpickle"}
    importing = []
    for module in MODULES:
        text = module.read_text("utf-8")
        if not any(word in text for word in (*forbidden, "allow_pickle")):
            continue
        for node in ast.walk(ast.parse(text)):
            named = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            named += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if {each.partition(".")[0] for each in named} & forbidden:
                importing.append(names(module))
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert ast.unparse(node.value) == "False", names(module)
    assert importing == []


def test_no_file_names_a_place_on_the_machine_that_wrote_it() -> None:
    parts = ("src", "tests", "recognizers", "corpora", "benchmarks", ".ci")
    files = [each for part in parts for each in (ROOT / part).rglob("*")]
    files += [each for each in ROOT.glob("*") if each.suffix in {".md", ".toml"}]
    suffixes = {".py", ".md", ".toml", ".yaml", ".json", ".tsv", ".csv", ".txt", ".html", ""}
    named = [
        str(each.relative_to(ROOT))
        for each in files
        if each.is_file() and each.suffix in suffixes and str(ROOT).encode() in each.read_bytes()
    ]
    assert named == []


def test_every_room_has_tests() -> None:
    rooms = {each.parent.name for each in SOURCE.glob("*/__init__.py") if len(each.parents)}
    with_code = {
        room
        for room in rooms
        if any(each.name != "__init__.py" for each in (SOURCE / room).glob("*.py"))
    }
    tested = {each.parent.name for each in (ROOT / "tests").glob("*/test_*.py")}
    assert with_code - tested == set()


def test_public_names_exist_and_show_an_example() -> None:
    for name in piiscan.__all__:
        value = getattr(piiscan, name)
        if name.startswith("__") or isinstance(value, type):
            continue
        assert ">>> " in (value.__doc__ or ""), name
    with pytest.raises(AttributeError, match="nothing_like_that"):
        _ = piiscan.nothing_like_that


#: Packages whose own names are public too, beside those of ``piiscan``.
PUBLIC_PACKAGES = ("logging", "presidio", "spark", "tiers", "schemas")


def test_no_module_hides_a_public_name() -> None:
    code = (
        "import importlib, pkgutil, piiscan\n"
        "for each in pkgutil.walk_packages(piiscan.__path__, 'piiscan.'):\n"
        "    if not each.name.endswith(('__main__', 'build_tables', 'pydantic_plugin')):\n"
        "        try: importlib.import_module(each.name)\n"
        "        except ImportError: pass\n"
        "print([name for name in piiscan.__all__ if not name.startswith('__')"
        " and not callable(getattr(piiscan, name))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_documents_import_only_public_modules() -> None:
    for path in (*ROOT.glob("README*.md"), *(ROOT / "docs").glob("*.md")):
        text = path.read_text("utf-8")
        deeper = set(re.findall(r"(?:from|import) piiscan\.(\w+)", text)) - set(PUBLIC_PACKAGES)
        assert not deeper, (path.name, deeper)


CALL = "import piiscan.cli; piiscan.cli.main(%s)"
PRESIDIO = {"spacy", "jieba", "presidio_analyzer", "presidio_anonymizer"}


@pytest.mark.parametrize(
    ("code", "needed", "heavy"),
    [
        ("import piiscan", "piiscan", {*HEAVY}),
        (CALL % ["--help"], "typer", {*HEAVY}),
        (CALL % ["scan", "--help"], "typer", {*HEAVY}),
        (CALL % ["--version"], "piiscan", {*HEAVY, "typer", "click", "rich", "piiscan.cli.app"}),
        (
            "import piiscan; piiscan.find('13800138000'); piiscan.find('联系人张三')",
            *("pyarrow", {*PRESIDIO, "pydantic", "pandas", "yaml", "duckdb", "re2"}),
        ),
        (
            CALL % ["sources", str(ROOT / ".ci")],
            *("piiscan.sources.read", {"piiscan.detect.engine"}),
        ),
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(
    code: str, needed: str, heavy: set[str]
) -> None:
    shown = f"{code}\nimport sys; print('loaded', *sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split("loaded ", 1)[1].split())
    assert needed in loaded
    assert loaded & heavy == set()


def test_the_distribution_does_not_take_the_name_of_another_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["name"] == "piiscan-cn"
    assert project["scripts"] == {"piiscan": "piiscan.cli.process:run"}


def checked_words(place: str) -> str:
    """Return an expression of the words in the glossary's last table that have no place here."""
    table = (ROOT / "docs" / "glossary.md").read_text("utf-8").split("## Checked by a test")[1]
    rows = re.findall(rf"^\| {place} \| (.+?) \|", table, re.MULTILINE)
    words = [word for row in rows for word in row.split(", ")]
    assert words
    return "|".join(words)


def defined(module: Path) -> list[tuple[str, str]]:
    """Return name and line 1 of the docstring of a module and of all that it defines."""
    tree = ast.parse(module.read_text("utf-8"))
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        (getattr(node, "name", module.stem), (ast.get_docstring(node) or "").partition("\n")[0])
        for node in ast.walk(tree)
        if isinstance(node, kinds)
    ]


#: Compiled kernels follow with their next change.
CHECKED = [each for each in MODULES if not each.stem.endswith("_kernels")]


def test_line_1_of_a_docstring_is_in_the_words_of_the_glossary() -> None:
    start = re.compile(rf"(?:{checked_words('start')})\b")
    inside = re.compile(rf"\b(?:{checked_words('line')})\b")
    wrong = [
        f"{names(module)}:{name}: {line}"
        for module in CHECKED
        for name, line in defined(module)
        if start.match(line) or inside.search(re.sub(r"``.*?``", "", line))
    ]
    assert wrong == []


def test_names_are_in_the_words_of_the_glossary() -> None:
    foreign = {"tell"}  # of files
    words = set(checked_words("name").split("|"))
    wrong = [
        f"{names(module)}:{name}"
        for module in CHECKED
        for name, _ in defined(module)
        if name not in foreign
        and words & set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_"))
    ]
    assert wrong == []


def test_releases_in_the_changelog_are_short_and_the_first_is_this_version() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    releases = re.split(r"^## \[?", changes, flags=re.MULTILINE)[1:]
    versions = [each.partition("]")[0] for each in releases if each[0].isdigit()]
    assert versions[0] == piiscan.__version__
    assert [each.splitlines()[0] for each in releases if len(each.encode()) > 6_000] == []


def test_every_script_of_ci_is_in_contributing_with_its_use() -> None:
    rows = re.findall(
        r"^\| `(\.ci/[\w.]+)` \| .{20,} \|$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE
    )
    scripts = [
        each.relative_to(ROOT).as_posix() for each in (ROOT / ".ci").iterdir() if each.is_file()
    ]
    assert sorted(rows) == sorted(scripts)


def test_hooks_before_a_commit_run_what_make_check_runs() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    entries = set(re.findall(r"entry: \.venv/bin/(.+)$", hooks, re.MULTILINE))
    makefile = (ROOT / "Makefile").read_text("utf-8")
    checks = makefile.split("\ncheck:", 1)[1].split("\n\n", 1)[0]
    checked = set(re.findall(r"@\$\(BIN\)/(.+)$", checks, re.MULTILINE))
    # a test of `make test` has the generated pages
    assert entries == checked - {"piiscan recognizers check"} | {"python .ci/docs.py --check"}


def test_the_page_of_policies_names_every_key_and_its_example_loads(tmp_path: Path) -> None:
    page = (SOURCE / "data" / "policies" / "README.md").read_text("utf-8")
    tables = [LegalBasis, RulePart, ThresholdLine, Category, Insider, Multiple, Money, Remark]
    keys = {
        each.alias or name
        for table in (Policy, *tables)
        for name, each in table.model_fields.items()
    }
    tops = {"line", "category", "remark", "sum", "insider", "multiple", "money"}
    assert [key for key in sorted(keys - tops) if f"`{key}`" not in page] == []
    assert [key for key in sorted(tops) if f"[{key}]" not in page] == []
    blocks = re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    example = tmp_path / "example-2026.toml"
    example.write_text(next(each for each in blocks if "[[line]]" in each), "utf-8")
    policy = load_policy(str(example))
    assert [each.threshold for each in policy.lines] == [50, 5000]
    assert policy.id == example.stem


PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("recognizers/*.md"))
)
WITH_EXAMPLES = ("README.md", "README.zh.md", "docs/guide.md")


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_python_examples_give_what_they_show(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (ROOT / name).read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, name, name, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    told: list[str] = []
    runner.run(examples, out=told.append)
    assert not told, "".join(told)
    assert examples.examples


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files_of_the_checkout(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_paths_in_backticks_exist(page: Path) -> None:
    if page.name == "CHANGELOG.md":  # speaks of its own time
        pytest.skip("a history")
    text = page.read_text("utf-8")
    named = re.findall(r"`((?:src|tests|recognizers|benchmarks|training|docs)/[\w./-]+)`", text)
    named = [each for each in named if not {"NAME", "VERB"} & set(re.split(r"[/.]", each))]
    assert [each for each in named if not (ROOT / each).exists()] == []


def named_tests(page: Path) -> list[str]:
    """Return the tests in the last column of the tables of a page."""
    cell = r"(?:\\\||[^|\n])+"
    return re.findall(
        rf"^\|{cell}\|{cell}\| ([a-z_0-9]+) \|$", page.read_text("utf-8"), re.MULTILINE
    )


@pytest.mark.parametrize(("page", "lines"), [("docs/habits", 29), ("docs/presidio", 36)])
def test_each_line_of_a_page_of_habits_names_its_test(page: str, lines: int) -> None:
    named, same = (named_tests(ROOT / f"{page}{ending}") for ending in (".md", ".zh.md"))
    tests = "".join(each.read_text("utf-8") for each in (ROOT / "tests").rglob("test_*.py"))
    assert len(named) == lines
    assert named == same
    assert [name for name in named if f"def test_{name}(" not in tests] == []


def outline(page: Path) -> tuple[list[str], list[str], set[str]]:
    """Return the code of a page without comments, the first signs of its other lines, its links.

    Of a command the code has the verb, and of printed text nothing: their words are translated.
    Files are linked without their language.
    """
    block = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
    text = page.read_text("utf-8")
    code = []
    for language, lines in block.findall(text):
        plain = re.sub(r"\s*# .*", "", lines)
        words = re.findall(r"^\$ \S+ \S+", plain, re.MULTILINE)
        code.append({"console": "\n".join(words), "text": ""}.get(language, plain))
    rest = block.sub("", text)
    links = {re.sub(r"\.(zh|en)(?=\.)", "", link) for link in re.findall(r"\]\(([^)#\s]+)", rest)}
    return code, re.findall(r"^(?:#+ |\||- |!\[)", rest, re.MULTILINE), links


@pytest.mark.parametrize(
    "page", sorted((ROOT / "docs").glob("*.zh.md")), ids=lambda page: page.stem
)
def test_pages_in_two_languages_have_one_outline_and_link_to_each_other(page: Path) -> None:
    twin = page.with_name(page.name.replace(".zh.", "."))
    assert outline(page) == outline(twin)
    assert f"\n\n[English]({twin.name})\n\n" in page.read_text("utf-8")
    assert f"\n\n[中文]({page.name})\n\n" in twin.read_text("utf-8")


def test_generated_pages_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, ".ci/docs.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
