"""`tocsin alerts correct` and `kill` as an admin types them."""

import pytest

from subscriptions.database import unit_of_work
from subscriptions.tables import AlertStatus
from tests.builders import a_topic, an_alert
from tests.commands import done, tocsin
from tests.conftest import Clock

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def alert_id(stopped_clock: Clock) -> str:
    """An alert that has rung."""
    with unit_of_work() as session:
        return str(an_alert(session, a_topic(session), status=AlertStatus.rung, title="Storm").id)


def test_a_correction_is_told_with_its_number_and_shown_at_the_alert(alert_id: str) -> None:
    said = done("alerts", "correct", alert_id, "--title", "Calm", "--why", "We misread a notice.").out
    assert f"to 0 channels told by alert {alert_id}: Correction: Calm" in said
    shown = done("alerts", "show", alert_id, "--json").json
    correction = done("alerts", "show", str(shown["followed_up_by"]), "--json").json
    assert (correction["kind"], correction["corrects"]) == ("correction", int(alert_id))
    assert "We misread a notice." in correction["text"]
    assert f"Corrected by alert {correction['id']}" in done("alerts", "show", alert_id).out


def test_a_kill_says_why(alert_id: str) -> None:
    assert "Withdrawn: Storm" in done("alerts", "kill", alert_id, "--why", "It did not happen.").out
    again = tocsin("alerts", "kill", alert_id, "--why", "It did not happen.")
    assert again.code == 2
    assert "withdrawn by alert" in again.err


@pytest.mark.parametrize("words", [("correct", "--why", "Wrong."), ("kill",), ("correct", "--title", "Calm")])
def test_what_is_missing_is_named(alert_id: str, words: tuple[str, ...]) -> None:
    command, *rest = words
    answer = tocsin("alerts", command, alert_id, *rest)
    assert answer.code == 2
    assert "--why" in answer.err or "what is right" in answer.err
