"""Documentation site in ``build/site``: opened from disk, without a request; any warning ends it.

``make docs``. Sources are the pages of docs/ and of the root, with pages made here: contents by
role, every recognizer, every error with its next step.
"""

from __future__ import annotations

import csv
import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sphinx.application import Sphinx

from piiscan.cli import main as piiscan_main

ROOT: Final = Path(__file__).parents[1]
OUT: Final = ROOT / "build" / "site"
#: Columns of benchmarks/budget.tsv that are commits, not figures.
COMMITS: Final = {"date", "commit"}
#: Title of a part of the contents -> its pages, by language.
CONTENTS: Final[Mapping[str, Mapping[tuple[str, str], Sequence[str]]]] = {
    "en": {
        ("start", "Start"): ["docs/start.md", "docs/habits.md", "docs/faq.md", "README.md"],
        ("investigator", "Investigator"): [
            *("docs/guide.md", "docs/formats.md", "docs/commands.md", "docs/forms.md"),
            *("docs/counting.md", "docs/chats.md", "errors.en.md"),
        ],
        ("python", "Python"): ["docs/api.md", "docs/pipelines.md", "docs/glossary.md"],
        ("presidio", "Presidio"): ["docs/presidio.md", "recognizers/en/index.md"],
        ("guard", "DLP"): ["docs/guard.md", "docs/spark.md"],
        ("operator", "Operator"): ["docs/scale.md", "figures.md", "SECURITY.md"],
        ("developer", "Developer"): [
            *("CONTRIBUTING.md", "docs/architecture.md", "recognizers/README.md"),
            *("docs/decisions/README.md", "CHANGELOG.md"),
        ],
    },
    "zh": {
        ("start", "开始"): ["docs/start.zh.md", "docs/faq.zh.md"],
        ("investigator", "办案"): [
            *("README.zh.md", "docs/guide.zh.md", "docs/formats.zh.md", "docs/commands.zh.md"),
            *("docs/forms.zh.md", "docs/counting.zh.md", "docs/chats.zh.md", "errors.zh.md"),
        ],
        ("presidio", "识别规则"): ["recognizers/zh/index.md"],
    },
}
TITLES: Final = {"en": "piiscan", "zh": "piiscan 中文文档"}
ERRORS: Final = {
    "en": ("Errors and exit codes", "code", "sentence, with the next step"),
    "zh": ("错误和退出码", "代码", "提示和办法"),
}
EXITS: Final = {
    "en": {
        "0": "done",
        "1": "done, but some input was not read: it is listed with the reason and the next step",
        "2": "wrong usage, or the work could not start or go on: the sentence says why",
        "3": "a case does not verify, a checksum differs, or a masked copy still has a value",
        "130": "interrupted (Ctrl-C); the same command goes on",
    },
    "zh": {
        "0": "完成",
        "1": "完成，但有输入未读：逐一列出原因和办法",
        "2": "用法有误，或工作不能开始、不能继续：提示说明原因",
        "3": "案卷核对不符，或校验值与登记不同，或脱敏副本中仍有值",
        "130": "被中断（Ctrl-C）；同样的命令可续做",
    },
}


def main() -> None:
    """Build the site; exit 1 with the warnings if there is one."""
    with tempfile.TemporaryDirectory(prefix="site-") as folder:
        source, made = Path(folder, "source"), Path(folder, "made")
        copy_pages(source)
        for language in CONTENTS:
            write_pages(source, language)
        shutil.rmtree(OUT, ignore_errors=True)
        site = Sphinx(
            str(source), None, str(OUT), str(made), "html", configuration(),
            status=None, warning=sys.stderr, warningiserror=True, parallel=2,
        )  # fmt: skip
        site.build(force_all=True)
    print(OUT / "index.html")
    sys.exit(site.statuscode)


def configuration() -> dict[str, Any]:
    """Return the settings of Sphinx."""
    return {
        "project": "piiscan",
        "extensions": ["myst_parser"],
        "html_theme": "furo",
        "html_title": "piiscan",
        "html_show_sphinx": False,
        "html_show_copyright": False,
        "html_copy_source": False,
        "myst_heading_anchors": 4,
        "root_doc": "index",
        "language": "en",
        "html_search_language": "zh",
    }


def copy_pages(source: Path) -> None:
    """Copy the pages with links into the code written as code."""
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "recognizers" / "README.md"]
    pages.remove(ROOT / "docs" / "README.md")  # the contents of the site stand in its place
    names = {page.resolve() for page in pages}
    for page in pages:
        text = page.read_text("utf-8")

        def local(link: re.Match[str], page: Path = page) -> str:
            """Return a link to another page as it is, and any other local one as code."""
            target = (page.parent / link[2].partition("#")[0]).resolve()
            is_kept = "://" in link[2] or link[2].startswith(("#", "mailto:")) or target in names
            return (
                link[0]
                if is_kept or target.suffix in (".svg", ".png")
                else f"`{link[1].strip('`')}`"
            )

        copied = source / page.relative_to(ROOT)
        copied.parent.mkdir(parents=True, exist_ok=True)
        text = re.sub(r"\[([^\]\n]*)\]\(([^)\s]+)\)", local, text)
        # A cell that is the name of a test may be broken.
        text = re.sub(r"(?m)\| \w+_\w+ \|$", lambda name: name[0].replace("_", "_<wbr>"), text)
        copied.write_text(text, "utf-8")
    add_children(source / "docs" / "decisions" / "README.md")
    write_figures(source / "figures.md")
    for picture in (*(ROOT / "docs").rglob("*.svg"), *(ROOT / "docs").rglob("*.png")):
        copied = source / picture.relative_to(ROOT)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(picture, copied)


def write_figures(page: Path) -> None:
    """Draw sizes and speeds of recorded commits, the newest behind the name: less is better."""
    with (ROOT / "benchmarks" / "budget.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    names = [name for name in rows[0] if name not in COMMITS]
    tiles = []
    for place, name in enumerate(names):
        values = [float(row[name]) for row in rows]
        step, top = 300 / (len(rows) - 1), max(values)
        ends = " ".join(
            f"{at * step:.0f},{90 - value / top * 70:.0f}" for at, value in enumerate(values)
        )
        left, down = place % 2 * 360 + 20, place // 2 * 120 + 10
        tiles.append(
            f'<g transform="translate({left} {down})"><text y="10">{name}: {values[-1]:,g}</text>'
            f'<path d="M0 90h300" stroke="#888"/><polyline points="{ends}" fill="none" '
            f'stroke="#27b" stroke-width="2"/></g>'
        )
    drawn = f'<rect width="100%" height="100%" fill="#fff"/>{"".join(tiles)}'
    box = f'viewBox="0 0 720 {(len(names) + 1) // 2 * 120 + 10}" font-size="12"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {box} font-family="sans-serif">'
    (page.parent / "figures.svg").write_text(f"{head}{drawn}</svg>\n", "utf-8")
    first, last = (f"{row['commit']} ({row['date']})" for row in (rows[0], rows[-1]))
    lines = [
        "# Sizes and speeds",
        "",
        f"Recorded commits, {first} to {last}; µs and s are CPU time, x a ratio within one run.",
        "",
        "![sizes and speeds](figures.svg)",
        "",
        "| |" + "|".join(row["commit"] for row in rows) + "|",
        "|---" * (len(rows) + 1) + "|",
        *(f"| {name} |" + "|".join(row[name] for row in rows) + "|" for name in names),
    ]
    page.write_text("\n".join(lines) + "\n", "utf-8")


def add_children(page: Path) -> None:
    """Make the other pages of a folder children of its first page."""
    with page.open("a", encoding="utf-8") as file:
        file.write("\n```{toctree}\n:hidden:\n:glob:\n\n*\n```\n")


def write_pages(source: Path, language: str) -> None:
    """Write the contents, the recognizers and the errors in a language."""
    out = source / "recognizers" / language
    words = ["recognizers", "docs", "-o", str(out), "--lang", language]
    assert piiscan_main(words, {"LANG": "C"}) == 0
    add_children(out / "index.md")
    title, code, sentence = ERRORS[language]
    lines = [f"# {title}", "", "| | |", "| --- | --- |"]
    lines += [f"| {number} | {meaning} |" for number, meaning in EXITS[language].items()]
    lines += ["", f"| {code} | {sentence} |", "| --- | --- |"]
    errors = tomllib.loads((ROOT / "src/piiscan/wording/errors.toml").read_text("utf-8"))
    for part, entries in errors.items():
        for name, text in entries.items():
            cell = re.sub(r"([*_<>|])", r"\\\1", text[language].replace("\n", " "))
            lines.append(f"| `{part}.{name}` | {cell} |")
    (source / f"errors.{language}.md").write_text("\n".join(lines) + "\n", "utf-8")
    lines = [f"# {TITLES[language]}", ""]
    for (_, part), pages in CONTENTS[language].items():
        lines += ["```{toctree}", f":caption: {part}", ":maxdepth: 1", "", *pages, "```", ""]
    if language == "en":
        lines += ["```{toctree}", ":caption: 中文", ":maxdepth: 1", "", "index.zh.md", "```", ""]
    name = "index.md" if language == "en" else "index.zh.md"
    (source / name).write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    main()
