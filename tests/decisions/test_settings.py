"""The settings, and what a wrong one is told."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from subscriptions.errors import Mistake
from subscriptions.queries import QueryLimits
from subscriptions.settings import Settings, settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_of_settings_lists_each_of_them() -> None:
    listed = {line.split("`")[1] for line in PAGE.read_text().splitlines() if line.startswith("| `TOCSIN_")}
    assert listed == {f"TOCSIN_{name.upper()}" for name in Settings.model_fields}


def test_a_wrong_setting_is_named_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_PORT", "eighty")
    with pytest.raises(
        Mistake, match=r"^The setting TOCSIN_PORT is wrong: .+\. Correct it and start again\.$"
    ):
        settings()


@pytest.mark.parametrize("value", ["{many", '{"tgram": ["30/second"]}', "[]"])
def test_a_setting_of_several_parts_is_named_too(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("TOCSIN_SERVICE_LIMITS", value)
    with pytest.raises(Mistake, match=r"^The setting TOCSIN_SERVICE_LIMITS is wrong: "):
        settings()


@pytest.mark.parametrize("sites", ["news.example", "https://news.example/path", "*", "javascript:alert(1)"])
def test_what_is_no_site_is_named(monkeypatch: pytest.MonkeyPatch, sites: str) -> None:
    monkeypatch.setenv("TOCSIN_SITES", f"https://right.example, {sites}")
    with pytest.raises(Mistake, match=r"^The setting TOCSIN_SITES is wrong: .+ is no site"):
        settings()


def test_a_file_of_settings_that_is_no_text_is_named() -> None:
    Path(".env").write_bytes(b"TOCSIN_PORT=\xff\xfe")
    with pytest.raises(Mistake, match=r"file \.env is no text"):
        settings()


def test_what_may_be_saved_as_a_query_can_always_be_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("length", "terms", "depth"):
        most = getattr(QueryLimits(), name)
        monkeypatch.setenv(f"TOCSIN_QUERY_{name.upper()}", str(most))
        assert getattr(Settings(), f"query_{name}") == most
        monkeypatch.setenv(f"TOCSIN_QUERY_{name.upper()}", str(most + 1))
        with pytest.raises(ValidationError):
            Settings()
        monkeypatch.delenv(f"TOCSIN_QUERY_{name.upper()}")


@pytest.mark.parametrize("written", ["postgres://u@h/db", "postgresql://u@h/db"])
def test_a_postgresql_address_is_taken_as_people_write_it(
    monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv("TOCSIN_DATABASE_URL", written)
    assert settings().database == "postgresql+psycopg://u@h/db"


def test_a_secret_setting_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_MAIL_URL", "mailto://ann:hunter2@mail.example")
    assert "hunter2" not in repr(settings())
