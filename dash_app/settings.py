"""Where the application runs and which portal it reads: environment variables or a ``.env`` file.

What people change in the interface (plans, pipeline roles, thresholds) is not here but in the workspace.
``.env.example`` and ``docs/settings.md`` are generated from these fields (``python -m dash_app settings --write-docs``).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from dash_app.text import Text

_MEMORY = re.compile(r"(\d{1,9}(?:\.\d{1,3})?) ?(MB|GB|TB|MIB|GIB|TIB)", re.IGNORECASE | re.ASCII)
_UNITS = {"M": 1024**2, "G": 1024**3, "T": 1024**4}
_LEAST_MEMORY = 64 * 1024**2
_MOST_MEMORY = 1024**5


def bytes_of(memory: str) -> int | None:
    """``512MB``, ``4 GB`` in bytes; None for the empty text. ValueError for anything else, less than 64 MB or more than a petabyte."""
    if not memory.strip():
        return None
    found = _MEMORY.fullmatch(memory.strip())
    number = int(float(found[1]) * _UNITS[found[2][0].upper()]) if found else 0
    if not _LEAST_MEMORY <= number <= _MOST_MEMORY:
        raise ValueError("a memory such as 512MB or 4GB, at least 64MB")
    return number


def _memory(value: str) -> str:
    bytes_of(value)
    return value.strip()


Memory = Annotated[str, AfterValidator(_memory)]
Threads = Annotated[
    int,
    BeforeValidator(lambda value: 0 if isinstance(value, str) and not value.strip() else value),
    Field(ge=0, le=256),
]


def spoken(given: str) -> Literal["ru", "en"] | None:
    """``ru`` or ``en`` out of ``en_US:en``, as systems write their own LANGUAGE; None for another language."""
    first = re.split(r"[:_.-]", given.strip().casefold())[0]
    return "ru" if first == "ru" else "en" if first == "en" else None


class Settings(BaseSettings):
    """One typed bag of deployment settings; every field has an environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    b24_webhook_url: SecretStr | None = Field(
        default=None,
        description="Incoming webhook of the portal, https://portal.bitrix24.ru/rest/1/secret/. Empty: the portal connected on the page, else the demo portal. "
        "Its owner should be an administrator, otherwise the portal silently hides records.",
    )
    data_dir: Path = Field(default=Path("data"), description="Folder of snapshots, the workspace database and caches.")
    timezone: str = Field(
        default="Europe/Moscow",
        description="Time zone in which days, weeks and months begin. The settings page can change it later.",
    )
    sign_in: Annotated[
        Literal["none", "local"],
        BeforeValidator(lambda value: value.strip().casefold() if isinstance(value, str) else value),
    ] = Field(
        default="none",
        description="How people sign in. none: nobody does, and only this machine is answered. local: by accounts of `python -m dash_app user` "
        "(docs/security.md).",
    )
    sign_in_idle_hours: int = Field(
        default=12, ge=1, le=168, description="A session ends after so many hours in which its person did nothing."
    )
    sign_in_days: int = Field(default=7, ge=1, le=90, description="A session ends after so many days at the latest.")
    host: str = Field(
        default="127.0.0.1",
        description="Address to listen on. Anything but loopback needs SIGN_IN=local, or TRUSTED_PROXIES that sign people in.",
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses of proxies whose requests are answered and whose word on the person's address and https is taken, separated by commas: "
        "127.0.0.1, 10.0.0.0/24; unix for a socket file. With SIGN_IN=none they have to sign people in; empty, this machine alone is answered.",
    )
    public_hosts: str = Field(
        default="",
        description="Names people open the reports by, through a proxy or directly, separated by commas: reports.example.ru.",
    )
    port: int = Field(default=8050, ge=1, le=65535, description="Port of the application.")
    language: Annotated[
        Literal["ru", "en"],
        BeforeValidator(lambda value: (spoken(value) or value) if isinstance(value, str) else value),
    ] = Field(default="ru", description="Language of the interface at the first visit.")
    workspace_url: str | None = Field(
        default=None,
        description="Database of what people type: postgresql://name:password@server/database. Empty: SQLite in DATA_DIR.",
    )
    cache_url: SecretStr | None = Field(
        default=None,
        description="redis://:password@server:6379/0, rediss://... or unix:///path to share kept answers of several machines, which then need the "
        "same SECRET_KEY. Empty: on disk in DATA_DIR.",
    )
    prepare_comparisons: bool = Field(
        default=True,
        description="after a refresh the earlier days of the usual comparisons are derived in the background, so that no click waits for them; "
        "false spares the processor and the disk (some six copies of the facts)",
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
    duckdb_memory: Memory = Field(
        default="",
        description="Memory of DuckDB for questions, in each worker process: 512MB, 4GB. Empty: an eighth of the machine's, 256 MB to 4 GB.",
    )
    duckdb_threads: Threads = Field(
        default=0,
        description="Threads of DuckDB for questions, in each worker process. 0: the processors there are, 4 at most.",
    )
    derive_memory: Memory = Field(
        default="",
        description="Memory of DuckDB for deriving facts, one at a time; loading takes four sevenths of it. What does not fit goes to disk. "
        "Empty: a sixty-fourth of the machine's, 350 MB to 8 GB.",
    )
    derive_threads: Threads = Field(
        default=0, description="Threads of DuckDB for loading and deriving. 0: the processors there are, 16 at most."
    )
    demo_port: int = Field(default=8051, ge=1, le=65535, description="Port of the demo portal when no webhook is set.")
    demo_scale: int = Field(default=12_000, ge=0, description="Deals of the demo company.")
    secret_key: SecretStr | None = Field(
        default=None, description="Seals kept answers. Empty: made once and kept in DATA_DIR."
    )
    reopen_code: SecretStr | None = Field(
        default=None,
        description="Code that opens a closed month of the plan again on the page: give it to those who may. Empty: whoever reaches the page may.",
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        description="Token with which /metrics answers other machines, as Authorization: Bearer. Empty: it answers this machine alone.",
    )
    pdf_browser: str = Field(
        default="",
        description="Program that prints PDFs: chromium, /opt/google/chrome/chrome. Empty: Chromium, Chrome or Edge where one is found.",
    )
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"],
        BeforeValidator(lambda value: value.strip().upper() if isinstance(value, str) else value),
    ] = Field(default="INFO", description="Detail of the log in DATA_DIR/logs. DEBUG: every call of the portal, too.")


_WRONG = {
    "int_parsing": Text("нужно целое число", "a whole number is needed"),
    "int_from_float": Text("нужно целое число", "a whole number is needed"),
    "float_parsing": Text("нужно число", "a number is needed"),
    "greater_than": Text("нужно больше {gt}", "more than {gt} is needed"),
    "greater_than_equal": Text("нужно не меньше {ge}", "at least {ge} is needed"),
    "less_than_equal": Text("нужно не больше {le}", "at most {le} is possible"),
    "literal_error": Text("есть {expected}", "there are {expected}"),
}
"""What pydantic finds, in both languages; the value itself is never said: it may be a secret."""


def wrong(error: ValidationError) -> Text:
    """The first setting that makes no sense, by its name."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"]).upper()
    about = {name: str(value).replace("'", "").replace(" or ", ", ") for name, value in first.get("ctx", {}).items()}
    known = _WRONG.get(str(first["type"]))
    ru, en = known.format(**about).ru if known else "", known.format(**about).en if known else ""
    if first["type"] == "value_error":
        ru, en = "например 512MB или 4GB, не меньше 64MB", str(first["msg"]).removeprefix("Value error, ")
    return Text(
        f"Настройка {name} задана неверно{ru and ': '}{ru}. Исправьте её в окружении или в файле .env.",
        f"The setting {name} is wrong{en and ': '}{en}. Correct it in the environment or in the file .env.",
    )


__all__ = ["Settings", "bytes_of", "spoken", "wrong"]
