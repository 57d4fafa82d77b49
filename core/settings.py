"""Settings, read once from the environment and `.env`.

Every field is an environment variable with the prefix `MALOTE_`; docs/reference/
settings.md lists them. A setting that cannot be used stops the program with a
sentence that names it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core import business_words
from core.business import ZONE, Calendar
from core.errors import BadInput

CHECKOUT = Path(__file__).parents[1]
Hosts = Annotated[frozenset[str], NoDecode]
CALENDAR: dict[str, Callable[[str], object]] = {
    "zone": business_words.zone,
    "hours": business_words.hours,
    "weekdays": business_words.weekdays,
    "holidays": business_words.holidays,
    "days_off": business_words.days,
}


def default_data() -> Path:
    """Give data/var in a checkout, the user's data folder when installed."""
    if (CHECKOUT / "pyproject.toml").is_file():
        return CHECKOUT / "data" / "var"
    return Path.home() / ".local" / "share" / "malote"


class Settings(BaseSettings):
    """What an operator may change; every field has a working default."""

    model_config = SettingsConfigDict(
        env_prefix="MALOTE_", env_file=".env", extra="ignore", frozen=True
    )

    data: Path = Field(default_factory=default_data)
    database_url: str = Field(
        default="", pattern=r"^(?:sqlite|postgres(?:ql)?(?:\+psycopg)?)://"
    )
    key_file: Path = Path()
    allow_hosts: Hosts = frozenset()
    plaintext_hosts: Hosts = frozenset()
    compress_hosts: Hosts = frozenset()
    ca_file: Path | None = None
    port: int = Field(default=8501, ge=1, le=65535)
    metrics_port: int = Field(default=9464, ge=0, le=65535)
    metrics_host: str = Field(default="127.0.0.1", min_length=1)
    help_url: str = Field(
        default="", pattern=r"^(?:https://[^\s/]+\S*|mailto:\S+@\S+)?$"
    )
    sync_every_s: int = Field(default=60, ge=1, le=86_400)
    watched_every_s: int = Field(default=1800, ge=1, le=86_400)
    probe_every_s: int = Field(default=900, ge=0, le=86_400)
    behind_after_s: int = Field(default=1800, ge=300, le=86_400)
    idle_connections: int = Field(default=2, ge=0, le=2)
    parallel: int = Field(default=4, ge=1, le=64)
    connect_timeout_s: float = Field(default=10.0, gt=0)
    command_timeout_s: float = Field(default=60.0, gt=0)
    dns_server: str = Field(default="", pattern=r"^(?:[0-9a-fA-F.:\[\]]+:\d{1,5})?$")
    discovery_port: int = Field(default=443, ge=1, le=65535)
    discovery_database: str = Field(
        default="https://autoconfig.thunderbird.net/v1.1/",
        pattern=r"^(?:https://.+/)?$",
    )
    public_url: str = ""
    attachment_mib: int = Field(default=25, ge=1, le=64)
    alert_group_s: int = Field(default=30, ge=0, le=3600)
    zone: str = ZONE
    hours: Annotated[tuple[time, time], NoDecode] = (time(9), time(18))
    weekdays: Annotated[frozenset[int], NoDecode] = frozenset({1, 2, 3, 4, 5})
    holidays: str = "BR"
    days_off: Annotated[frozenset[date], NoDecode] = frozenset()
    google_client_id: str = ""
    google_client_secret: SecretStr = SecretStr("")
    microsoft_client_id: str = ""
    microsoft_client_secret: SecretStr = SecretStr("")
    oauth_file: Path | None = None
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("allow_hosts", "plaintext_hosts", "compress_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Read "a, b" as a set of lower-case names."""
        if isinstance(value, str):
            return frozenset(h.strip().lower() for h in value.split(",") if h.strip())
        return value

    @field_validator(
        "zone", "hours", "weekdays", "holidays", "days_off", mode="before"
    )
    @classmethod
    def _read_calendar(cls, value: object, info: ValidationInfo) -> object:
        """Read the organisation's working time as it is written."""
        if not isinstance(value, str) or info.field_name is None:
            return value
        return CALENDAR[info.field_name](value)

    @property
    def calendar(self) -> Calendar:
        """Give the working time of the organisation."""
        return Calendar(
            self.zone, *self.hours, self.weekdays, self.holidays, self.days_off
        )

    @model_validator(mode="before")
    @classmethod
    def _derive(cls, values: dict[str, object]) -> dict[str, object]:
        """Place the database and the key in the data folder unless told otherwise."""
        data = Path(str(values.get("data") or default_data())).absolute()
        values["data"] = data
        values["database_url"] = (
            values.get("database_url") or f"sqlite:///{data}/malote.db"
        )
        values["key_file"] = values.get("key_file") or data / "key"
        port = values.get("port") or cls.model_fields["port"].default
        values["public_url"] = values.get("public_url") or f"http://localhost:{port}"
        return values


def read_settings() -> Settings:
    """Read the environment.

    Raises:
        BadInput: a variable holds something that cannot be used; names it.

    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]) or "settings"
        raise BadInput(
            f"MALOTE_{name.upper()}", "setting", reason=first["msg"]
        ) from None
