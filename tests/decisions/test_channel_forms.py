"""Forms of channels: there is one for each kind, and what is filled in arrives as it was meant."""

from collections.abc import Mapping
from random import Random
from typing import Any
from urllib.parse import unquote

import pytest

from subscriptions.channel_forms import address_of
from subscriptions.channel_forms.compose import leaves
from subscriptions.channel_forms.described import services
from subscriptions.channel_forms.forms import choices, forms_of
from subscriptions.channel_kinds import allowed_kinds
from tests.forms import filled

WITHOUT_LIBRARY = {"amqp", "amqps"}
SERVICES = [service.kinds[0] for service in services()]
ROUNDS = 3


def read_back(parts: Mapping[str, Any], value: str) -> bool:
    """Tell whether Apprise has a value whole; a mail address may be in two."""
    texts = {unquote(text) if at in (".user", ".password") else text for at, text in leaves(parts)}
    local, at, domain = value.partition("@")
    whole = any(text == value or text[1:] == value or text == f"/{value}" for text in texts)
    return whole or bool(at and {local, domain} <= texts)


def test_every_kind_of_channel_has_a_form() -> None:
    assert {kind for kind in allowed_kinds() if not forms_of(kind)} == WITHOUT_LIBRARY
    assert len(choices()) == len(services())


@pytest.mark.parametrize("kind", SERVICES)
def test_what_is_filled_in_is_what_apprise_reads(kind: str) -> None:
    for number in range(ROUNDS):
        chance = Random(f"{kind} {number}")  # noqa: S311 - no secret
        for form in forms_of(kind):
            values = filled(form, chance)
            parts = address_of(form, values).parts
            asked = {name: value for name, value in values.items() if name not in ("server", "headers")}
            assert [name for name, value in asked.items() if not read_back(parts, value)] == [], values
