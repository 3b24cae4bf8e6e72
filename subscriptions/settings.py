"""Every setting, read once from the environment (TOCSIN_*) and from a file `.env` beside the data."""

import re
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from subscriptions.errors import Mistake

SITE = re.compile(r"https?://[\w.-]+(:\d{1,5})?/?", re.ASCII)


class Settings(BaseSettings):
    """The settings of one installation; frozen, so that all code sees the same."""

    model_config = SettingsConfigDict(env_prefix="TOCSIN_", env_file=".env", frozen=True, extra="ignore")

    data_dir: Path = Field(Path("data"), description="folder of everything kept on this machine")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in the data folder")
    broker_url: str = Field("", description="Redis or Valkey URL; empty: an embedded Valkey")
    secret_keys: SecretStr = Field(
        SecretStr(""), description="comma-separated keys, newest first; empty: made once in the data folder"
    )

    host: str = Field("127.0.0.1", description="address the web app listens on")
    port: int = Field(8000, ge=0, le=65535, description="port the web app listens on; 0: any free one")
    public_url: str = Field("", description="address readers reach the web app at; empty: host and port")

    sites: str = Field(
        "",
        description="comma-separated addresses of the sites that may show the box, as https://news.example",
    )
    trusted_proxies: str = Field(
        "127.0.0.1", description="addresses or networks of proxies that tell a reader's own address"
    )

    mail_url: SecretStr = Field(
        SecretStr(""), description="Apprise mailto:// URL of the SMTP server that sends to readers"
    )
    count_clicks: bool = Field(
        default=False, description="count how often alerts are shown and opened, in sum, nobody by name"
    )
    practice: bool = Field(default=True, description="run the practice newsroom")

    user_agent: str = Field("Tocsin/0.1 (+https://github.com/tocsin/tocsin)", description="sent to sources")
    fetch_timeout_s: float = Field(20, gt=0, description="seconds for one poll of a source, in all")
    fetch_max_bytes: int = Field(10_000_000, gt=0, description="largest feed document, unpacked")
    poll_interval_s: int = Field(120, ge=1, description="seconds between polls where nothing says otherwise")
    max_age_hours: float = Field(24, gt=0, description="an article published longer ago never rings")
    keep_articles_days: int = Field(
        366, ge=0, description="how long articles are kept that made no alert; 0: for ever"
    )
    keep_told_days: int = Field(90, ge=0, description="how long it is kept who got an alert; 0: for ever")
    keep_left_days: int = Field(90, ge=0, description="how long readers are kept who left; 0: for ever")
    story_window_hours: float = Field(48, gt=0, description="how long articles can join a story")

    # At most what a stored query may have: see subscriptions.queries.limits.
    query_length: int = Field(10_000, ge=1, le=100_000, description="characters of a topic's query")
    query_terms: int = Field(1_000, ge=1, le=10_000, description="words of a topic's query")
    query_depth: int = Field(30, ge=1, le=100, description="parentheses in one another in a topic's query")

    own_channels: int = Field(10, ge=0, description="channels a reader may have; 0: adds none")
    own_topics: int = Field(20, ge=0, description="topics a reader may write for themself; 0: none")

    alert_ttl_hours: float = Field(6, gt=0, description="a delivery not made by then is dropped")
    shard_channels: int = Field(500, ge=1, le=50_000, description="recipients a push task takes at a time")
    sends_at_once: int = Field(
        128, ge=1, le=1000, description="sends under way at once to one host, in one push process"
    )
    service_limits: dict[str, tuple[str, str]] = Field(
        {}, description='what services allow, as {"tgram": ["30/second", "1/second"]}: in all, to one target'
    )
    ceiling: int = Field(0, ge=0, description="messages a second in all; 0: as many as can be sent")
    alert_ceiling: int = Field(0, ge=0, description="messages a second of one alert; 0: as many as can be")
    lease_s: float = Field(30, gt=0, description="seconds without news after which work is taken over")
    private_addresses: bool = Field(
        default=False,
        description="channels may lead to loopback and private networks: for tests and rehearsals",
    )

    log_format: Literal["auto", "json", "text"] = Field("auto", description="auto: text on a terminal")
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("sites")
    @classmethod
    def _check_sites(cls, text: str) -> str:
        for site in filter(None, map(str.strip, text.split(","))):
            if not SITE.fullmatch(site):
                raise ValueError(
                    f"{site!r} is no site, which looks like https://news.example, without a path"
                )
        return text

    @property
    def box_sites(self) -> frozenset[str]:
        """The origins of the sites that may show the box."""
        return frozenset(site.strip().rstrip("/").lower() for site in self.sites.split(",")) - {""}

    @property
    def database(self) -> str:
        """The database's SQLAlchemy URL."""
        if self.database_url.startswith(("postgres://", "postgresql://")):
            return "postgresql+psycopg://" + self.database_url.split("://", 1)[1]
        return self.database_url or f"sqlite:///{(self.data_dir / 'tocsin.db').absolute()}"

    @property
    def site(self) -> str:
        """The address readers reach the web app at, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


@cache
def settings() -> Settings:
    """Read the settings; the same object for the whole life of the process.

    Raises Mistake for a wrong value, naming the environment variable.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        raise _wrong(str(wrong["loc"][0]), wrong["msg"]) from None
    except SettingsError as error:  # its text names the setting, but for people who write settings classes
        name = re.search(r'field "(\w+)"', str(error))
        raise _wrong(name[1] if name else "", "it is no JSON") from None
    except UnicodeDecodeError:
        raise Mistake("The file .env is no text in UTF-8: write it anew.") from None


def _wrong(name: str, why: str) -> Mistake:
    return Mistake(f"The setting TOCSIN_{name.upper()} is wrong: {why}. Correct it and start again.")
