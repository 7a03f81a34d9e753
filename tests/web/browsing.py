"""A served installation and browsers that look at it."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.web.pages_world import World

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

needs_browser = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]

_SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
]


@dataclass(frozen=True, slots=True)
class Site:
    """A served installation."""

    world: World
    address: str


@contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    """The system's Chromium without a window, with these switches too."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*_SWITCHES, *more])
        yield browser
        browser.close()


@contextmanager
def served(world: World) -> Iterator[Site]:
    """The installation on a free port."""
    with served_app(world.app) as address:
        yield Site(world, address)


@contextmanager
def served_app(app: FastAPI) -> Iterator[str]:
    """The application's address while it is served on a free port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()  # a browser that is faster than the server waits
        config = uvicorn.Config(app, log_level="critical", access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@dataclass(slots=True)
class Visitor:
    """A logged-in page with what the browser complained about.

    Attributes:
        page: the page.
        expected: parts of complaints that belong to the test, for example "409".
    """

    page: Page
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()


@contextmanager
def visiting(
    browser: Browser, site: Site, *, login: str | None = None, expected: tuple[str, ...] = ()
) -> Iterator[Visitor]:
    """A logged-in page; anything the browser complains about fails the test.

    Args:
        browser: from ``chromium``.
        site: what is visited.
        login: path of a login link; the administrator's by default.
        expected: parts of complaints that belong to the test.
    """
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="ja-JP")
    page = context.new_page()
    visitor = Visitor(page, context, expected=expected)
    page.on("console", lambda m: visitor.complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    page.goto(site.address + (login or site.world.login_link()))
    try:
        yield visitor
    finally:
        context.close()
    unexpected = [c for c in visitor.complaints if not any(e in c for e in visitor.expected)]
    assert unexpected == []


__all__ = ["CHROMIUM", "Site", "Visitor", "chromium", "needs_browser", "served", "visiting"]
