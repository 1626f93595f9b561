"""A served page of a hostile case, and a client that speaks to it as a browser does."""

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from piiscan import Case
from piiscan.work_page.page_server import PageServer
from piiscan.work_page.work_state import WorkState
from tests.case.conftest import RULES
from tests.case.report.hostile import hostile_case

#: Cells beside those of ``hostile_case`` that must do nothing on any screen.
CELLS = (
    "<script>document.title='broken'</script>",
    "<img src=x onerror=\"document.title='broken'\">",
    "javascript:document.title='broken'",
    "\u202e\u2066gnp.exe",
    "x" * 100_000,
    "a\x00\x07\x1b[31m\x7f",
    "{{ 7*7 }}{% for %}",
    "【假】",
)


@dataclass
class Page:
    """A page that is served, the case, and a client with the cookie of its link."""

    server: PageServer
    work: WorkState
    client: httpx.Client

    @property
    def case(self) -> Path:
        return self.work.case.path

    @property
    def root(self) -> str:
        return self.server.gate.root

    def get(self, path: str, **options: object) -> httpx.Response:
        return self.client.get(self.root + path, **options)  # type: ignore[arg-type]

    def post(self, path: str, *, origin: str | None = None, **fields: str) -> httpx.Response:
        """Send a form with its word, from the page itself unless ``origin`` is another."""
        form = {"word": self.server.gate.form_word, **fields}
        headers = {"origin": origin or f"http://{self.server.host}"}
        return self.client.post(self.root + path, data=form, headers=headers)

    def log(self) -> bytes:
        return (self.case / "log.jsonl").read_bytes()


def served(case: Case, *, idle: float = 600.0) -> Iterator[Page]:
    """Serve a copy of nothing: the case itself; stop at the end."""
    work = WorkState(case)
    server = PageServer(work, idle=idle)
    thread = threading.Thread(target=server.run)
    thread.start()
    with httpx.Client(base_url=f"http://{server.host}", trust_env=False, timeout=60) as client:
        for _ in range(200):
            try:
                first = client.get(server.link.removeprefix(f"http://{server.host}"))
                break
            except httpx.ConnectError:
                time.sleep(0.05)
        assert first.status_code == 303
        yield Page(server, work, client)
    server.stop()
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    rules, home = tmp_path_factory.mktemp("rules"), tmp_path_factory.mktemp("page")
    for name, text in RULES.items():
        (rules / f"{name}.yaml").write_text(text.lstrip(), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("piiscan.detect.catalog.catalog.shipped_folder", lambda: rules)
        rows = "".join(f'李四,1360013{n:04},"{c}"\n' for n, c in enumerate(map(quoted, CELLS)))
        case = hostile_case(home, more={"cells.csv": f"姓名,手机号,<b>备注\n{rows}"})
        yield from served(Case.of(case, operator="<b>王检\u202e</b>"))


def quoted(cell: str) -> str:
    return cell.replace('"', '""')


def visible(html: str) -> str:
    return re.sub(r"<[^>]*>", "", html)
