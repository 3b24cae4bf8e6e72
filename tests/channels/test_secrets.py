"""What a channel's owner trusts us with is nowhere to be read: not in logs, answers, traces or pages."""

import io
import json
import logging
import re
import warnings
from collections.abc import Iterator
from random import Random

import pytest
import structlog
from sqlmodel import select
from urllib3.exceptions import InsecureRequestWarning

from subscriptions import database, settings
from subscriptions.channel_forms import Misfilled, address_of
from subscriptions.channel_forms.forms import choices, forms_of
from subscriptions.channels import read_address
from subscriptions.keys import sealer
from subscriptions.tables import Channel, Delivery
from tests.builders import a_channel, a_subscriber, a_topic, an_alert
from tests.channels import recorder as far_ends
from tests.channels.addresses import ADDRESSES
from tests.channels.answers import Said
from tests.channels.loopback import all_names_lead_to
from tests.channels.recorder import recorder
from tests.commands import tocsin
from tests.forms import filled
from worker import logs
from worker.push.fan_out import fan_out
from worker.push.send import deliver

TOKEN = re.compile(r"[A-Za-z0-9_-]{8,}")
PUBLIC = {"newsdesk", "newsroom"}
SCHEMES = list(ADDRESSES)


def secrets() -> set[str]:
    """Give every word of the addresses that is long enough to be a secret, but for names of hosts."""
    found: set[str] = set()
    for scheme in SCHEMES:
        rest = ADDRESSES[scheme].partition("://")[2]
        found |= set(TOKEN.findall(re.sub(r"[\w.-]+\.(example|social)\b", "", rest)))
    return found - PUBLIC


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Logs as the product writes them, with everything there is to say."""
    monkeypatch.setenv("TOCSIN_LOG_LEVEL", "debug")
    settings.settings.cache_clear()
    root, written = logging.getLogger(), io.StringIO()
    before, level = root.handlers, root.level
    logs.configure()
    (ours,) = root.handlers
    assert isinstance(ours, logging.StreamHandler)
    ours.setStream(written)
    yield written
    root.handlers, root.level = before, level
    structlog.reset_defaults()


@pytest.mark.usefixtures("db", "stopped_clock")
@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_no_secret_of_any_kind_of_channel_is_told_when_sending_fails(
    said: io.StringIO, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(far_ends, "answer_to", lambda _host, path: Said(f"no: {path}", 500))
    with database.unit_of_work() as session:
        topic = a_topic(session)
        reader = a_subscriber(session, topic, name="ann")
        for scheme in SCHEMES:
            parts = read_address(ADDRESSES[scheme]).parts | {"verify": False}
            a_channel(session, reader, ADDRESSES[scheme], sealed=sealer().seal(json.dumps(parts).encode()))
        alert_id = an_alert(session, topic).id or 0
    with recorder() as far_end, all_names_lead_to(far_end), warnings.catch_warnings():
        warnings.simplefilter("ignore", InsecureRequestWarning)
        warnings.filterwarnings("ignore", "unclosed <ssl.SSLSocket", ResourceWarning)
        for shard_id in fan_out(alert_id):
            deliver(shard_id)
        assert len(far_end.take()) > len(SCHEMES) // 2
    told = said.getvalue() + "".join(capsys.readouterr())
    assert told.count("500") > len(SCHEMES) // 2
    told += _what_people_see(alert_id)
    assert {secret for secret in secrets() if secret in told} == set()


@pytest.mark.parametrize("typed", ["?", "a b\u0000", "x" * 600])
def test_no_secret_is_told_when_a_form_is_filled_in_wrongly(
    typed: str, said: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    kept: set[str] = set()
    refusals = ""
    for choice in choices():
        for form in forms_of(choice.kind):
            values = filled(form, Random(choice.kind))  # noqa: S311 - no secret
            secret = {each.name for each in form.fields if each.secret}
            kept |= {value for name, value in values.items() if name in secret}
            for name in values:
                try:
                    address_of(form, {**values, name: typed})
                except Misfilled as misfilled:
                    refusals += str(misfilled)
    told = said.getvalue() + "".join(capsys.readouterr()) + refusals
    assert "does not look right" in told or "cannot be typed" in told
    assert {secret for secret in kept if len(secret) > 7 and secret in told} == set()


def _what_people_see(alert_id: int) -> str:
    with database.reading() as session:
        deliveries = session.exec(select(Delivery.answer, Delivery.why)).all()
        channels = session.exec(select(Channel.label, Channel.why)).all()
    commands = (
        ("channels", "list"),
        ("channels", "list", "--json"),
        ("subscribers", "list", "--json"),
        ("alerts", "show", alert_id, "--json"),
        ("trace", f"alert:{alert_id}", "--subscriber", "ann", "--json"),
    )
    answers = [tocsin(*words) for words in commands]
    assert all(answer.code == 0 for answer in answers), answers
    return f"{deliveries}{channels}" + "".join(answer.out + answer.err for answer in answers)
