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
from sphinx.search.zh import SearchChinese
from sphinx.util.docutils import docutils_namespace, patch_docutils

from piiscan.cli import main as piiscan_main

ROOT: Final = Path(__file__).parents[1]
OUT: Final = ROOT / "build" / "site"
#: Columns of benchmarks/budget.tsv that are commits, not figures.
COMMITS: Final = {"date", "commit"}
#: Title of a part of the contents -> its pages, by language; "title <page>" if it is in English.
CONTENTS: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    "en": {
        "Start": ["docs/start.md", "docs/habits.md", "docs/faq.md", "README.md"],
        "Investigator": [
            *("docs/guide.md", "docs/formats.md", "docs/commands.md", "docs/forms.md"),
            *("docs/counting.md", "docs/chats.md", "errors.en.md"),
        ],
        "Python": ["docs/api.md", "docs/pipelines.md", "docs/glossary.md"],
        "Presidio": ["docs/presidio.md", "recognizers/en/index.md"],
        "DLP": ["docs/guard.md", "docs/spark.md"],
        "Operator": ["docs/scale.md", "figures.md", "SECURITY.md"],
        "Developer": [
            *("CONTRIBUTING.md", "docs/architecture.md", "recognizers/README.md"),
            *("docs/decisions/README.md", "CHANGELOG.md"),
        ],
    },
    "zh": {
        "开始": ["docs/start.zh.md", "docs/habits.zh.md", "docs/faq.zh.md", "README.zh.md"],
        "办案": [
            *("docs/guide.zh.md", "docs/formats.zh.md", "docs/commands.zh.md"),
            *("docs/forms.zh.md", "docs/counting.zh.md", "docs/chats.zh.md", "errors.zh.md"),
        ],
        "Python": [
            *("全部函数（英文） <docs/api.md>", "docs/pipelines.zh.md"),
            "代码用语（英文） <docs/glossary.md>",
        ],
        "Presidio": ["docs/presidio.zh.md", "recognizers/zh/index.md"],
        "数据防泄漏": ["docs/guard.zh.md", "docs/spark.zh.md"],
        "运维": [
            *("docs/scale.zh.md", "体积和速度（英文） <figures.md>"),
            "安全承诺（英文） <SECURITY.md>",
        ],
        "参与开发": [
            *("参与（英文） <CONTRIBUTING.md>", "架构（英文） <docs/architecture.md>"),
            "识别规则的写法（英文） <recognizers/README.md>",
            "设计决定（英文） <docs/decisions/README.md>",
            "变更（英文） <CHANGELOG.md>",
        ],
    },
}
#: Contents, name in Sphinx and link to a page in the other language, by language.
ROOTS: Final = {"en": "index", "zh": "index.zh"}
LOCALES: Final = {"en": "en", "zh": "zh_CN"}
LINKS: Final = {"en": "[中文]({})", "zh": "[English]({})"}
#: Labels of the theme, which has them in English only.
LABELS: Final = {
    "Next": "下一页",
    "Previous": "上一页",
    "Home": "首页",
    "On this page": "本页内容",
    "Back to top": "回到顶部",
    "Made with ": "版式：",
}
#: Line end between Hanzi, or behind a Chinese sign, which a browser would show as a space.
LINE_END: Final = re.compile(
    r"(?<=[、-〿一-鿿！-｠])\n *(?=[、-〿一-鿿！-｠])"
    r"|(?<=[、。〉》」』】！（），：；？])\n *(?=[A-Za-z\[]|`(?!``))"
)
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
    SearchChinese.language_name = "English"  # of its stemmer: Sphinx 9.0 names a missing one
    with tempfile.TemporaryDirectory(prefix="site-") as folder:
        source, made = Path(folder, "source"), Path(folder, "made")
        copy_pages(source)
        for language in CONTENTS:
            write_pages(source, language)
        labels = source / "locales" / "zh_CN" / "LC_MESSAGES" / "sphinx.po"
        labels.parent.mkdir(parents=True)
        entries = [f'msgid "{label}"\nmsgstr "{text}"\n' for label, text in LABELS.items()]
        labels.write_text("\n".join(entries), "utf-8")
        shutil.rmtree(OUT, ignore_errors=True)
        codes = [build(source, made, language) for language in CONTENTS]
    print(OUT / "index.html")
    sys.exit(max(codes))


def build(source: Path, made: Path, language: str) -> int:
    """Build the pages of a language, with a search page of its own. Return the exit code.

    The first language builds all pages, or the index of the search would not be whole.
    """
    pages = [*source.rglob("*.zh.md"), *source.glob("recognizers/zh/*.md")]
    with patch_docutils(), docutils_namespace():
        site = Sphinx(
            str(source), None, str(OUT), str(made), "html", configuration(language),
            status=None, warning=sys.stderr, warningiserror=True, parallel=2,
        )  # fmt: skip
        site.build(force_all=language == "en", filenames=pages)
    shutil.move(OUT / "search.html", OUT / f"search.{language}.html")
    for page in OUT.rglob("*.html"):
        text = page.read_text("utf-8")
        if "search.html" in text:  # not in a page of the language before
            page.write_text(text.replace("search.html", f"search.{language}.html"), "utf-8")
    return site.statuscode


def configuration(language: str) -> dict[str, Any]:
    """Return the settings of Sphinx for a language."""
    return {
        "project": "piiscan",
        "extensions": ["myst_parser"],
        "html_theme": "furo",
        "html_title": "piiscan",
        "html_show_sphinx": False,
        "html_show_copyright": False,
        "html_copy_source": False,
        "html_show_search_summary": False,  # needs requests
        "myst_heading_anchors": 4,
        "html_use_index": False,
        "root_doc": ROOTS[language],
        "language": LOCALES[language],
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
        if page.name.endswith(".zh.md"):
            text = join_lines(text)
        copied.write_text(text, "utf-8")
    add_children(source / "docs" / "decisions" / "README.md")
    write_figures(source / "figures.md")
    for picture in (*(ROOT / "docs").rglob("*.svg"), *(ROOT / "docs").rglob("*.png")):
        copied = source / picture.relative_to(ROOT)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(picture, copied)


def join_lines(text: str) -> str:
    """Join the lines of Chinese paragraphs of a page, outside of its code."""
    parts = re.split(r"(?ms)(^```.*?^```$)", text)
    return "".join(part if at % 2 else LINE_END.sub("", part) for at, part in enumerate(parts))


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


def add_link(page: Path, language: str, twin: str) -> None:
    """Add a link to the page in the other language below the title of a page."""
    title, _, rest = page.read_text("utf-8").partition("\n")
    page.write_text(f"{title}\n\n{LINKS[language].format(twin)}\n{rest}", "utf-8")


def write_pages(source: Path, language: str) -> None:
    """Write the contents, the recognizers and the errors in a language."""
    out, other = source / "recognizers" / language, {"en": "zh", "zh": "en"}[language]
    words = ["recognizers", "docs", "-o", str(out), "--lang", language]
    assert piiscan_main(words, {"LANG": "C"}) == 0
    for page in out.glob("*.md"):
        add_link(page, language, f"../{other}/{page.name}")
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
    errors_page = source / f"errors.{language}.md"
    errors_page.write_text("\n".join(lines) + "\n", "utf-8")
    add_link(errors_page, language, f"errors.{other}.md")
    link = LINKS[language].format(f"{ROOTS[other]}.md")
    lines = ["---", "orphan: true", "---", f"# {TITLES[language]}", "", link, ""]
    for part, pages in CONTENTS[language].items():
        lines += ["```{toctree}", f":caption: {part}", ":maxdepth: 1", "", *pages, "```", ""]
    (source / f"{ROOTS[language]}.md").write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    main()
