"""Where the application runs and which portal it reads: environment variables or a ``.env`` file.

What people change in the interface (plans, pipeline roles, thresholds) is not here but in the workspace.
``.env.example`` and ``docs/settings.md`` are generated from these fields (``python -m dash_app settings --write-docs``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """One typed bag of deployment settings; every field has an environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    b24_webhook_url: SecretStr | None = Field(
        default=None,
        description="Incoming webhook of the portal, https://portal.bitrix24.ru/rest/1/secret/. Empty: the demo portal. "
        "Its owner should be an administrator, otherwise the portal silently hides records.",
    )
    data_dir: Path = Field(default=Path("data"), description="Folder of snapshots, the workspace database and caches.")
    timezone: str = Field(
        default="Europe/Moscow",
        description="Time zone in which days, weeks and months begin. The settings page can change it later.",
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on. Anything but loopback needs a sign-in.")
    port: int = Field(default=8050, ge=1, le=65535, description="Port of the application.")
    language: Literal["ru", "en"] = Field(default="ru", description="Language of the interface at the first visit.")
    workspace_url: str | None = Field(
        default=None,
        description="Database of what people type: postgresql://name:password@server/database. Empty: SQLite in DATA_DIR.",
    )
    cache_url: str | None = Field(
        default=None, description="redis://... to share cached answers. Empty: on disk in DATA_DIR."
    )
    refresh_minutes: int = Field(
        default=0,
        ge=0,
        description="Refresh the data every N minutes. 0: only by the button, the CLI or the settings page.",
    )
    requests_per_second: float = Field(
        default=2.0, gt=0, description="The portal's request rate: 2, on Enterprise plans 5."
    )
    request_burst: int = Field(
        default=50, ge=1, description="The portal's burst of requests: 50, on Enterprise plans 250."
    )
    demo_port: int = Field(default=8051, ge=1, le=65535, description="Port of the demo portal when no webhook is set.")
    demo_scale: int = Field(default=12_000, ge=0, description="Deals of the demo company.")
    secret_key: SecretStr | None = Field(
        default=None, description="Signs sessions. Empty: made once and kept in DATA_DIR."
    )
    reopen_code: SecretStr | None = Field(
        default=None,
        description="Code that opens a closed month of the plan again on the page: give it to those who may. Empty: whoever reaches the page may.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="Detail of the log.")


__all__ = ["Settings"]
