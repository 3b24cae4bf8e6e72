"""`tocsin alerts throttle`, and `approve --ceiling`, as an admin types them."""

import pytest

from subscriptions.database import unit_of_work
from subscriptions.tables import AlertStatus
from tests.builders import a_topic, an_alert
from tests.commands import done, tocsin
from tests.conftest import Clock

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def alert_id(stopped_clock: Clock) -> str:
    """An alert that waits for approval."""
    with unit_of_work() as session:
        return str(an_alert(session, a_topic(session), status=AlertStatus.proposed).id)


def ceiling_of(alert_id: str) -> object:
    return done("alerts", "show", alert_id, "--json").json["ceiling"]


def test_an_alert_is_approved_with_a_ceiling_which_a_correction_has_too(alert_id: str) -> None:
    done("alerts", "approve", alert_id, "--ceiling", "50")
    assert ceiling_of(alert_id) == 50
    done("alerts", "correct", alert_id, "--title", "Calm", "--why", "We misread a notice.")
    followed = done("alerts", "show", alert_id, "--json").json["followed_up_by"]
    assert ceiling_of(str(followed)) == 50


def test_a_ceiling_is_changed_and_lifted(alert_id: str) -> None:
    assert ceiling_of(alert_id) is None
    assert "at most 20 messages a second" in done("alerts", "throttle", alert_id, "20").out
    assert "Ceiling: 20 messages a second." in done("alerts", "show", alert_id).out
    assert "without a ceiling" in done("alerts", "throttle", alert_id, "off").out
    assert ceiling_of(alert_id) == 0


@pytest.mark.parametrize("ceiling", ["many", "0", "2.5", "100001", "", "1e3"])
def test_what_is_no_ceiling_is_named_and_changes_nothing(alert_id: str, ceiling: str) -> None:
    answer = tocsin("alerts", "throttle", alert_id, ceiling)
    assert answer.code == 2
    assert "messages a second" in answer.err
    assert ceiling_of(alert_id) is None


def test_an_alert_that_has_rung_cannot_be_throttled(alert_id: str) -> None:
    done("alerts", "reject", alert_id)
    answer = tocsin("alerts", "throttle", alert_id, "20")
    assert answer.code == 2
    assert "is rejected" in answer.err
