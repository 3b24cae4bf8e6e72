"""The doctor warns of settings that look well and are not."""

import pytest

from subscriptions.settings import settings
from worker.doctor.machine import _exposed


def test_mails_without_a_public_address_and_private_addresses_are_warned_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TOCSIN_MAIL_URL", "mailto://news.example")
    monkeypatch.setenv("TOCSIN_PRIVATE_ADDRESSES", "true")
    monkeypatch.setenv("TOCSIN_PUBLIC_URL", "")
    settings.cache_clear()
    said = " ".join(finding.says for finding in _exposed())
    settings.cache_clear()
    assert "TOCSIN_PUBLIC_URL" in said
    assert "TOCSIN_PRIVATE_ADDRESSES" in said
