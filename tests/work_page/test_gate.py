"""Nobody but the operator's own browser gets an answer or causes anything."""

import re
import socket
import time

import httpx
import pytest

from piiscan import Case, CaseError, serve
from piiscan.work_page.gate import HEADERS
from piiscan.work_page.page_server import PageServer
from piiscan.work_page.screens import ROUTES
from piiscan.work_page.work_state import WorkState
from tests.work_page.conftest import Page

POSTS = [path for method, path in ROUTES if method == "POST"]
GETS = [path for method, path in ROUTES if method == "GET"]


def stranger(page: Page) -> httpx.Client:
    """A client without the cookie."""
    return httpx.Client(base_url=f"http://{page.server.host}", trust_env=False, timeout=30)


def test_the_link_works_once_and_its_cookie_is_strict(page: Page) -> None:
    assert page.server.host.startswith("127.0.0.1:")
    with stranger(page) as other:
        link = f"{page.root}/?token=None"
        assert other.get(link).status_code == 403  # the first request has used it up
        assert other.get(f"{page.root}/").status_code == 403
        assert other.get("/").status_code == 404
        assert other.get("/findings").status_code == 404
    work = WorkState(page.work.case)
    server = PageServer(work)
    assert server.gate.root != page.root
    assert len(server.gate.root) > 16
    cookie = page.client.cookies.jar
    (kept,) = list(cookie)
    assert kept.path == page.root
    assert kept.has_nonstandard_attr("HttpOnly")
    assert kept.get_nonstandard_attr("SameSite") == "Strict"
    server._socket.close()


def test_every_answer_forbids_all_but_the_page_itself(page: Page) -> None:
    for path in [*GETS, "/page.css", "/page.js", "/nothing"]:
        answer = page.get(path)
        assert HEADERS.items() <= dict(answer.headers).items(), path
    policy = HEADERS["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "require-trusted-types-for 'script'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "server" not in page.get("/").headers


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost", "127.0.0.1:1"])
def test_another_host_is_misdirected(page: Page, host: str) -> None:
    assert page.get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("path", POSTS)
def test_a_post_needs_origin_word_and_cookie(page: Page, path: str) -> None:
    fields = {"at": "1-0", "judge": "false", "why": "x", "form": "html", "language": "en"}
    before = page.log()
    own = f"http://{page.server.host}"
    for origin in ("http://127.0.0.1:1", "null", "https://evil.example"):
        assert page.post(path, origin=origin, **fields).status_code == 403
    for word in ("", "x", page.server.gate.form_word + "x"):
        answer = page.client.post(
            page.root + path, data={**fields, "word": word}, headers={"origin": own}
        )
        assert answer.status_code == 403
    word = {**fields, "word": page.server.gate.form_word}
    headers = {"origin": own, "sec-fetch-site": "cross-site"}
    assert page.client.post(page.root + path, data=word, headers=headers).status_code == 403
    assert page.client.post(page.root + path, data=word).status_code == 403  # no origin
    with stranger(page) as other:
        assert other.post(page.root + path, data=word, headers={"origin": own}).status_code == 403
    assert page.get(path).status_code in (200, 404)  # a GET does nothing
    assert page.log() == before


def test_other_methods_and_long_forms_are_refused(page: Page) -> None:
    for method in ("PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"):
        assert page.client.request(method, f"{page.root}/").status_code == 405
    assert page.post("/judge", why="x" * (1 << 18)).status_code == 413


def test_a_get_changes_nothing(page: Page) -> None:
    before = {p: p.read_bytes() for p in page.case.rglob("*") if p.is_file()}
    for path in GETS:
        for query in (
            "",
            "?at=1-0",
            "?at=x&page=-1&entity=%00&source=abc&text=%27--",
            "?all=source",
        ):
            assert page.get(path + query).status_code in (200, 303, 404, 409), (path, query)
    assert {p: p.read_bytes() for p in page.case.rglob("*") if p.is_file()} == before


def test_without_an_operator_nothing_is_served(page: Page) -> None:
    for operator in ("", "  "):
        with pytest.raises(CaseError, match="operator"):
            serve(page.case, operator=operator)


def test_it_ends_when_nobody_works(page: Page) -> None:
    begun, links = time.monotonic(), []
    serve(Case.of(page.case), operator="王检", idle=0.3, ready=links.append)
    assert time.monotonic() - begun < 20
    (link,) = links
    port = int(re.findall(r":(\d+)/", link)[0])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
