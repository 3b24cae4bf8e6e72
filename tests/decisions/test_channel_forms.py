"""Forms of channels: there is one for each kind, and what is filled in arrives as it was meant."""

import re
from collections.abc import Mapping
from contextlib import suppress
from random import Random
from typing import Any
from urllib.parse import unquote

import pytest
from apprise import Apprise

from subscriptions.channel_forms import LINK, Misfilled, address_of, split_link
from subscriptions.channel_forms.corrected import CORRECTED
from subscriptions.channel_forms.described import service_of, services
from subscriptions.channel_forms.faithful import leaves
from subscriptions.channel_forms.forms import choices, forms_of
from subscriptions.channel_forms.known import KNOWN
from subscriptions.channel_kinds import FORBIDDEN_ARGUMENTS, allowed_kinds
from tests.corpus import needs_corpus
from tests.forms import filled
from tests.hostile import hostile_strings

SERVICES = [service.kinds[0] for service in services()]
ROUNDS = 3


def read_back(parts: Mapping[str, Any], value: str) -> bool:
    """Tell whether Apprise has a value whole; a mail address may be in two."""
    texts = {unquote(text) if at in (".user", ".password") else text for at, text in leaves(parts)}
    local, at, domain = value.partition("@")
    whole = any(text == value or text[1:] == value or text == f"/{value}" for text in texts)
    return whole or bool(at and {local, domain} <= texts)


def test_every_kind_of_channel_has_a_form() -> None:
    assert not [kind for kind in allowed_kinds() if not forms_of(kind)]
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


HOSTILE = (
    "a/b",
    "a%2Fb",
    "a%252Fb",
    "x?verify=no",
    "x&attach=/etc/passwd",
    "x;pgpkey=/etc/passwd",
    "u:p@evil.example",
    "@evil.example/",
    "#a,b",
    "../../etc",
    "a\\b",
    "a b",
    "נייעס",
    "x\r\nHost: evil.example",
    "http://169.254.169.254/",
    "{host}",
    "%00",
    "[::1]",
    "~root",
)


@pytest.mark.parametrize("kind", SERVICES)
def test_what_is_typed_into_one_field_stays_in_it(kind: str) -> None:
    chance = Random(kind)  # noqa: S311 - no secret
    form = chance.choice(forms_of(kind))
    values = filled(form, chance)
    plain = address_of(form, values).parts
    typed = [each for each in form.fields if each.name in values and each.kind == "text"]
    for hostile in HOSTILE if typed else ():
        field = chance.choice(typed)
        changed = {**values, field.name: hostile}
        try:
            parts = address_of(form, changed).parts
        except Misfilled:
            continue
        assert field.slashes or read_back(parts, hostile), (field.name, hostile)
        assert parts["qsd"].keys() == plain["qsd"].keys()
        others = {
            name: value for name, value in values.items() if name not in ("server", "headers", field.name)
        }
        assert [name for name, value in others.items() if not read_back(parts, value)] == [], hostile
        if form.field("server"):
            assert parts["host"] == plain["host"]


@pytest.mark.parametrize("kind", ["ntfy", "mqtt", "matrix", "json", "signal", "rocket", "nctalk", "mailto"])
@pytest.mark.parametrize("password", ["p@ss:w/rd?&#;=,", "100 %41%", "גלית é"])
def test_a_password_of_odd_signs_arrives_whole(kind: str, password: str) -> None:
    form = next(each for each in forms_of(kind) if each.field("password"))
    asked = {"user": "ann", "password": password}
    values = {name: value for name, value in filled(form, Random(kind)).items() if name != "token"}  # noqa: S311 - the same values in each run
    parts = address_of(form, values | asked).parts
    assert unquote(parts["password"]) == password


@needs_corpus
@pytest.mark.parametrize("kind", ["ntfy", "tgram", "json", "mqtt", "slack", "mailto"])
def test_no_hostile_string_breaks_a_form(kind: str) -> None:
    form = forms_of(kind)[-1]
    values = filled(form, Random(kind))  # noqa: S311 - no secret
    for text in hostile_strings():
        for name in values:
            with suppress(Misfilled):
                parts = address_of(form, {**values, name: text}).parts
                assert not parts["qsd"].keys() & FORBIDDEN_ARGUMENTS


@pytest.mark.parametrize(
    ("kind", "way", "given", "wrong"),
    [
        ("discord", "", {}, {LINK: "Address of the webhook is missing."}),
        ("tgram", "", {"target_user": "1"}, {"bot_token": "Token of the bot is missing."}),
        ("tgram", "", {"bot_token": "123:abc"}, {"target_user": "Number of the chat is missing."}),
        (
            "pover",
            "",
            {"user_key": "u1", "token": "a1", "priority": "loud"},
            {"priority": "How loudly it rings: choose one of those that are offered."},
        ),
        (
            "mqtt",
            "",
            {"server": "broker.example", "topic": "news", "password": "x"},
            {"user": "User name is needed with what else you filled in."},
        ),
        (
            "slack",
            "access_token",
            {"access_token": "xoxb-1", "target_user": "ann", "target_channels": "news"},
            {"target_channels": "Fill in either Person or Channel: add a channel for each."},
        ),
        (
            "gotify",
            "",
            {"server": "https://u:p@gotify.example", "token": "abc"},
            {"server": "Leave the user name and password out of the address: there are fields for them."},
        ),
        (
            "zulip",
            "",
            {"botname": "news", "organization": "x", "token": "short", "target_stream": "news"},
            {"token": "API key of the bot does not look right: copy all of it once more."},
        ),
    ],
)
def test_a_mistake_names_its_field_in_plain_words(
    kind: str, way: str, given: dict[str, str], wrong: dict[str, str]
) -> None:
    form = next(each for each in forms_of(kind) if each.key == way)
    with pytest.raises(Misfilled) as caught:
        address_of(form, given)
    assert {name: str(mistake) for name, mistake in caught.value.wrong.items()} == wrong


@pytest.mark.parametrize(
    ("kind", "link", "values"),
    [
        (
            "discord",
            "https://discord.com/api/webhooks/012345678901234567/AbC_dEf-123",
            {"webhook_id": "012345678901234567", "webhook_token": "AbC_dEf-123"},
        ),
        (
            "slack",
            "https://hooks.slack.com/services/T0123ABCD/B0123ABCD/abcDEF123",
            {"token_a": "T0123ABCD", "token_b": "B0123ABCD", "token_c": "abcDEF123"},
        ),
        ("ntfy", "https://ntfy.sh/ann-news", {"topic": "ann-news"}),
        (
            "gchat",
            "https://chat.googleapis.com/v1/spaces/AAAA/messages?key=KEY-1&token=TOK_2",
            {"workspace": "AAAA", "webhook_key": "KEY-1", "webhook_token": "TOK_2"},
        ),
        (
            "workflows",
            (
                "https://prod-1.westus.logic.azure.com:443/workflows/0123abcd/triggers/manual/paths/invoke"
                "?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=abc_DEF-1"
            ),
            {"workflow": "0123abcd", "signature": "abc_DEF-1"},
        ),
        (
            "mmost",
            "https://chat.news.example/hooks/0123456789abcdefghijklmnop",
            {"token": "0123456789abcdefghijklmnop"},
        ),
        ("ifttt", "https://maker.ifttt.com/use/abcDEF_1", {"webhook_id": "abcDEF_1"}),
    ],
)
def test_the_link_a_service_gives_people_is_split_into_its_parts(
    kind: str, link: str, values: dict[str, str]
) -> None:
    form = forms_of(kind)[0]
    found = split_link(form, link)
    assert values.items() <= found.items()
    more = {"events": "news"} if kind == "ifttt" else {}
    parts = address_of(form, {LINK: link, **more}).parts
    assert all(read_back(parts, value) for value in values.values())


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/api/webhooks/012345678901234567/abc",
        "https://discord.com.evil.example/api/webhooks/012345678901234567/abc",
        "https://discord.com@evil.example/api/webhooks/012345678901234567/abc",
        "http://discord.com/api/webhooks/012345678901234567/abc",
        "https://discord.com:8443/api/webhooks/012345678901234567/abc",
        "https://hooks.slack.com/services/T0123ABCD/B0123ABCD/abc",
        "https://discord.com/",
        "https://[discord.com/",
        "discord",
    ],
)
def test_a_link_of_anybody_else_is_refused(link: str) -> None:
    with pytest.raises(Misfilled) as caught:
        address_of(forms_of("discord")[0], {LINK: link})
    assert set(caught.value.wrong) == {LINK}


def test_a_link_brings_no_argument_that_the_form_does_not_ask_for() -> None:
    link = "https://discord.com/api/webhooks/012345678901234567/abc?template=/etc/passwd&verify=no&thread=7"
    parts = address_of(forms_of("discord")[0], {LINK: link}).parts
    assert set(parts["qsd"]) <= {"thread"}


@pytest.mark.parametrize(
    ("typed", "kind", "host", "port"),
    [
        ("gotify.example", "gotifys", "gotify.example", None),
        ("https://Gotify.example/", "gotifys", "gotify.example", None),
        ("http://192.0.2.5:8080", "gotify", "192.0.2.5", 8080),
        ("gotify://gotify.example", "gotify", "gotify.example", None),
        ("https://בלה.example", "gotifys", "xn--5dbgx.example", None),
    ],
)
def test_a_servers_address_is_taken_as_people_copy_it(
    typed: str, kind: str, host: str, port: int | None
) -> None:
    address = address_of(forms_of("gotify")[0], {"server": typed, "token": "abc"})
    assert (address.scheme, address.parts["host"], address.parts["port"]) == (kind, host, port)


def test_a_webhooks_path_and_query_stay_its_own() -> None:
    given = {
        "server": "https://hooks.example/a/b%20c?key=x%26y&lang=en",
        "headers": "Authorization: Bearer a&b=c; d\nX-Desk: night",
    }
    parts = address_of(forms_of("json")[0], given).parts
    assert parts["fullpath"] == "/a/b%20c"
    assert parts["params"] == {"key": "x&y", "lang": "en"}
    assert parts["headers"] == {"Authorization": "Bearer a&b=c; d", "X-Desk": "night"}
    assert parts["verify"] is True


def test_words_speak_of_parts_that_there_are() -> None:
    for kind, words in {**KNOWN, **CORRECTED}.items():
        service = service_of(kind)
        assert service is not None, kind
        there = {*service.parts, *service.arguments, "server", "headers", "fullpath"}
        spoken = {*words.said, *words.asks, *words.slashes, *words.ways}
        spoken |= {name.partition(":")[0] for name in (*words.needs, *words.leaves_out)}
        assert spoken <= there, kind
        ways = {form.key for form in forms_of(kind)}
        assert {name.partition(":")[2] for name in (*words.needs, *words.leaves_out) if ":" in name} <= ways
        assert words.fixed.keys() <= ways


def test_no_field_is_called_as_a_form_calls_its_own() -> None:
    names = {field.name for choice in choices() for form in forms_of(choice.kind) for field in form.fields}
    assert not names & {"form_token", "kept", "way", LINK}


def test_no_argument_that_names_a_file_is_taken() -> None:
    named = {
        name
        for described in Apprise().details(lang="en")["schemas"]
        for name, each in described["details"]["args"].items()
        if re.search(r"\b(path|file|keyfile)$", str(each.get("name", "")).lower())
    }
    assert named - FORBIDDEN_ARGUMENTS == {"path"}  # of a webhook, in Matrix' addresses
