"""The whole service in one process group: web here, workers beside, SQLite and files below."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from ocr_service.bootstrap import Services, build_services, prepare
from ocr_service.cli.supervisor import WorkerSupervisor, worker_environment
from ocr_service.db.accounts.accounts import Role
from ocr_service.domain.errors import ServiceUnavailable
from ocr_service.service.accounts import accounts
from ocr_service.settings import Settings
from ocr_service.web.app import create_app

_START_S = 60.0
_BACKLOG = 128


@dataclass(frozen=True, slots=True)
class RunningService:
    """A service that runs in this process group.

    Attributes:
        address: where it is reached, without a slash at the end.
        services: for what is done without HTTP.
        web: the thread of the web server.
        workers: the workers' supervisor.
    """

    address: str
    services: Services
    web: threading.Thread
    workers: WorkerSupervisor

    def login_url(self, *, then: str | None = None) -> str:
        """A link that logs the administrator in, once, within a quarter of an hour.

        Args:
            then: path to open; None = a first password is asked for, if there is none.
        """
        with self.services.db.writing() as uow:
            secret = accounts.issue_login(uow, accounts.ensure_admin(uow))
        base = (self.services.settings.public_url or self.address).rstrip("/")
        return f"{base}/login/{secret}" + (f"?next={then}" if then else "")

    def admin_token(self, name: str) -> str:
        """An API token of the administrator, valid until it is revoked."""
        with self.services.db.writing() as uow:
            admin = accounts.ensure_admin(uow)
            return accounts.issue_token(uow, admin, name=name, life=None, actor=Role.ADMIN)


@contextmanager
def embedded(settings: Settings) -> Iterator[RunningService]:
    """Run everything while the block lasts; afterwards no process and no port is left.

    Raises:
        ServiceUnavailable: the port is taken, or the web server did not come up.
    """
    services = build_services(settings)
    prepare(services)
    with _listening(settings) as listener:
        server = uvicorn.Server(web_config(services))
        web = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="web", daemon=True
        )
        workers = WorkerSupervisor(worker_environment(_for_workers(settings)))
        workers.start()
        try:
            web.start()
            _wait_until_up(server, web)
            yield RunningService(_address(settings, listener), services, web, workers)
        finally:
            server.should_exit = True
            web.join()
            workers.stop()


def web_config(services: Services) -> uvicorn.Config:
    """How the web server runs; it logs through us, because its own lines hold whole paths."""
    settings = services.settings
    return uvicorn.Config(
        create_app(services),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=settings.public_url is not None,
        timeout_graceful_shutdown=10,
    )


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            raise ServiceUnavailable(
                f"port {settings.port} cannot be used ({error.strerror}); choose another --port"
            ) from error
        listener.listen(_BACKLOG)
        yield listener


def _wait_until_up(server: uvicorn.Server, web: threading.Thread) -> None:
    for _ in range(int(_START_S / 0.05)):
        if server.started:
            return
        web.join(0.05)
        if not web.is_alive():
            break
    raise ServiceUnavailable("the web server did not start; see the log")


def _address(settings: Settings, listener: socket.socket) -> str:
    port = listener.getsockname()[1]
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - shown, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _for_workers(settings: Settings) -> dict[str, str]:
    return {**settings.as_environment(), "OMP_NUM_THREADS": str(settings.threads)}


__all__ = ["RunningService", "embedded", "web_config"]
