"""Everything an operator can set, read once at the edge (environment, prefix ``OCR_``)."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ReaderKind(StrEnum):
    """Which page reader the workers load."""

    FULL = "full"  # registration, recognizers, rules
    NULL = "null"  # counts pages and reads nothing; for load tests and dry runs


class Settings(BaseSettings):
    """The settings of one process.

    Only ``bootstrap``, ``workers`` and ``cli`` see this class; below them travel plain values.
    """

    model_config = SettingsConfigDict(env_prefix="OCR_", frozen=True, extra="ignore")

    data_dir: Path = Field(default=Path("data"), description="everything the service keeps")
    database_url: str | None = Field(
        default=None, description="SQLAlchemy URL; default: SQLite in data_dir"
    )
    broker_url: str | None = Field(
        default=None, description="redis://host/0; default: messages as files in data_dir"
    )
    blob_url: str | None = Field(
        default=None, description="s3://bucket/prefix, memory:// or a folder; default: data_dir"
    )
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str | None = Field(
        default=None, description="address people see, where a proxy stands in front"
    )
    max_upload_bytes: int = Field(default=100_000_000, gt=0)
    max_archive_bytes: int = Field(
        default=4_000_000_000, gt=0, description="of a ZIP sent in pieces"
    )
    max_pages: int = Field(default=500, gt=0)
    lease_seconds: float = Field(default=300.0, gt=0, description="longest time for one page")
    attempts: int = Field(default=3, ge=1, description="starts of a page before it is given up")
    sweep_seconds: float = Field(default=5.0, gt=0)
    review_seconds: float = Field(
        default=900.0, gt=0, description="how long a reviewer keeps a document to himself"
    )
    session_idle_minutes: int = Field(
        default=60, ge=1, description="a browser's session ends after so long without a request"
    )
    session_hours: int = Field(
        default=12, ge=1, description="a browser's session ends after so long, however busy"
    )
    password_min_length: int = Field(default=12, ge=8, le=64)
    workers: int = Field(default=1, ge=1, description="reading processes of this machine")
    heartbeat_file: Path | None = Field(
        default=None, description="a worker touches it while its loop turns, for health checks"
    )
    worker_niceness: int = Field(
        default=10,
        ge=0,
        le=19,
        description="reading gives way to people who review; 0: it does not",
    )
    threads: int = Field(default=1, ge=1, description="threads of one reading process")
    worker_memory_mb: int = Field(
        default=2500, gt=0, description="a reading process above this is renewed between pages"
    )
    template_dirs: tuple[Path, ...] = Field(
        default=(), description="folders of further templates, as a JSON list"
    )
    billing_file: Path | None = Field(
        default=None, description="who claims, and house rules; default: billing.toml in data_dir"
    )
    drop_dir: Path | None = Field(
        default=None, description="finished exports and claims are put here for another system"
    )
    webhook_url: str | None = Field(
        default=None, description="is told of every finished export and claim"
    )
    webhook_secret_file: Path | None = Field(
        default=None, description="its content signs what the webhook is told"
    )
    schedule_file: Path | None = Field(
        default=None, description="exports made by the clock; default: schedules.toml in data_dir"
    )
    personal_masters: bool = Field(
        default=False, description="whether lists of citizens (residents, ledger) may be kept"
    )
    master_key_file: Path | None = Field(
        default=None, description="key of those lists; default: made in data_dir"
    )
    rules_file: Path | None = Field(
        default=None, description="own dated settings of the rules (TOML); they win"
    )
    reader: ReaderKind = ReaderKind.FULL
    null_reader_sleep_ms: int = Field(default=0, ge=0)
    log_json: bool | None = Field(default=None, description="default: JSON unless on a terminal")
    log_file: Path | None = Field(default=None, description="append logs here; default: stderr")

    @property
    def resolved_database_url(self) -> str:
        """The database, with the default filled in."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'service.sqlite3'}"

    @property
    def resolved_blob_url(self) -> str:
        """The blob store, with the default filled in."""
        return self.blob_url or str(self.data_dir.resolve() / "blobs")

    @property
    def own_template_dir(self) -> Path:
        """Where templates added by this installation are kept."""
        return self.data_dir.resolve() / "templates"

    @property
    def own_profile_dir(self) -> Path:
        """Where the operator puts export profiles of his own."""
        return self.data_dir.resolve() / "profiles"

    @property
    def export_dir(self) -> Path:
        """Where files of exports lie while they are made."""
        return self.data_dir.resolve() / "exports-work"

    @property
    def blank_dir(self) -> Path:
        """Where registered blank originals are kept."""
        return self.data_dir.resolve() / "blanks"

    @property
    def resolved_billing_file(self) -> Path:
        """Who claims and by which house rules."""
        return self.billing_file or self.data_dir.resolve() / "billing.toml"

    @property
    def resolved_schedule_file(self) -> Path:
        """Which exports are made by the clock."""
        return self.schedule_file or self.data_dir.resolve() / "schedules.toml"

    @property
    def price_dir(self) -> Path:
        """Where the installation's own price tables are kept."""
        return self.data_dir.resolve() / "prices"

    @property
    def resolved_master_key_file(self) -> Path:
        """The key of lists of citizens, with the default filled in."""
        return self.master_key_file or self.data_dir.resolve() / "keys" / "masters.key"

    @property
    def spool_dir(self) -> Path:
        """Where doorbell messages wait as files, if no broker is set."""
        return self.data_dir.resolve() / "queue"

    def as_environment(self) -> dict[str, str]:
        """These settings as environment variables, for a process that shall have the same."""
        shown = self.model_dump(mode="json", exclude_none=True)
        shown["data_dir"] = str(self.data_dir.resolve())
        return {
            f"OCR_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
            for name, value in shown.items()
        }


__all__ = ["ReaderKind", "Settings"]
