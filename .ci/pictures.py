"""Pictures of ``docs/guide.md``: clicks through ``piiscan serve`` on a made case of three suspects.

Usage: .venv/bin/python .ci/pictures.py [FOLDER]; by default docs/pictures. It needs Chromium and a
Chinese font (Debian: fonts-wqy-microhei or fonts-noto-cjk). Everything shown is invented.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from PIL import Image
from playwright.sync_api import sync_playwright

import piiscan
from piiscan.cli import main as piiscan_main
from piiscan.wording.words import LANGUAGES, Language
from piiscan.work_page.page_server import PageServer
from piiscan.work_page.work_state import WorkState

OUT: Final = Path(__file__).parents[1] / "docs" / "pictures"
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
SIZE: Final = {"width": 1280, "height": 720}
#: Largest picture, in bytes.
MOST: Final = 60_000
COLOURS: Final = 40


def make_case(folder: Path) -> piiscan.Case:
    """Make the case of three suspects, with the register that lies beside the dump."""
    piiscan_main(["corpus", "make", "three-party", "--rows", "600", "-o", str(folder)])
    register = folder / "three-party.register.xlsx"
    with contextlib.chdir(folder):  # paths as short as a person would give them
        case = piiscan.scan(
            "three-party",
            case=folder / "case",
            key=folder / "key",
            case_number="2026-12",
            register=register,
        )
    piiscan.count(case)
    return case


@contextlib.contextmanager
def opened_page(case: piiscan.Case, language: Language) -> Iterator[Any]:
    """Serve the case and yield a tab of a browser that shows its start."""
    operator = {"zh": "王检", "en": "Wang"}[language]
    server = PageServer(WorkState(piiscan.Case.of(case, operator=operator), language))
    thread = threading.Thread(target=server.run)
    thread.start()
    program = next(filter(None, map(shutil.which, BROWSERS)))
    try:
        with sync_playwright() as started:
            browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
            tab = browser.new_page(viewport=SIZE)
            tab.goto(server.link)
            yield tab
            browser.close()
    finally:
        server.stop()
        thread.join()


def draw(tab: Any, out: Path, *, from_end: bool = False) -> None:
    """Write a picture of the tab, or of its end, with few colours."""
    tab.evaluate(f"scrollTo(0, {int(from_end)} * document.documentElement.scrollHeight)")
    image = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
    small = image.quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(out, optimize=True)
    assert out.stat().st_size <= MOST, out


def draw_all(case: piiscan.Case, language: Language, out: Path) -> None:
    """Click through the screens, and draw each."""
    reason = {"zh": "测试号", "en": "test number"}[language]
    buyer = {"zh": "新买家", "en": "new buyer"}[language]
    with opened_page(case, language) as tab:
        home = tab.url.rstrip("/")
        draw(tab, out / f"start.{language}.png")
        tab.goto(f"{home}/findings?entity=CN_MOBILE")
        tab.locator(".list tbody tr a").nth(2).click()
        tab.locator("#reason").fill(reason)
        with tab.expect_navigation():
            tab.locator("#judge-false").click()
        draw(tab, out / f"findings.{language}.png")
        tab.goto(f"{home}/register")
        tab.locator('[name="4.role"]').select_option(index=2)
        tab.locator('[name="4.party_to"]').fill(buyer)
        tab.locator("#flow svg", has_text=buyer).wait_for(timeout=60_000)
        tab.locator('[name="4.party_to"]').blur()
        draw(tab, out / f"register.{language}.png", from_end=True)
        with tab.expect_navigation():
            tab.locator("button.main").click()
        tab.goto(f"{home}/count")
        tab.locator("button.main").click()
        tab.locator("h2").wait_for(timeout=60_000)
        draw(tab, out / f"count.{language}.png")
        tab.goto(f"{home}/columns")
        draw(tab, out / f"columns.{language}.png")
        tab.goto(f"{home}/sample")
        tab.locator("input[name=size]").fill("20")
        with tab.expect_navigation():
            tab.locator("button[value=draw]").click()
        draw(tab, out / f"sample.{language}.png")


def main() -> None:
    """Draw all pictures; end with a sentence if no Chinese font is installed."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    fonts = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=True)
    if not fonts.stdout.strip():
        sys.exit("no Chinese font: apt-get install fonts-wqy-microhei")
    out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        case = make_case(Path(folder))
        for language in LANGUAGES:
            draw_all(case, language, out)


if __name__ == "__main__":
    main()
