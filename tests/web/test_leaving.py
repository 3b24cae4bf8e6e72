"""The page behind the link that every message has: what it shows, and how one leaves by it."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from subscriptions.channels import add_channel
from subscriptions.database import reading, unit_of_work
from subscriptions.keys import signer
from subscriptions.leave_links import leave_path
from subscriptions.own_topics import write_own_topic
from subscriptions.personal_data import erase
from subscriptions.sign_up import LEFT, retire
from subscriptions.subscribers import followed_topics, subscribe
from subscriptions.tables import Channel, Subscriber, Topic
from tests.builders import a_subscriber, a_topic

PHONE, MAIL = "ntfys://ntfy.example/ann-phone", "ann@reader.example"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def links(browser: TestClient) -> dict[str, str]:
    """The ways to leave of a German reader with a phone and a mailbox, who follows storms and floods."""
    with unit_of_work() as session:
        ann = a_subscriber(session, name="ann", language="de")
        for slug in ("storms", "floods"):
            subscribe(session, ann, a_topic(session, slug=slug, name=slug.title()))
        phone, mail = (add_channel(session, ann, address).id or 0 for address in (PHONE, MAIL))
    return {"phone": leave_path(phone), "mail": f"/unsubscribe/{signer('unsubscribe').dumps(mail)}"}


def live() -> list[str]:
    with reading() as session:
        channels = session.exec(select(Channel).order_by(col(Channel.id))).all()
        return [channel.scheme for channel in channels if channel.status == "live"]


def follows() -> list[str]:
    with reading() as session:
        topics = followed_topics(session, session.exec(select(Subscriber)).one())
    return sorted(topic.slug for topic in topics)


def test_looking_changes_nothing_and_speaks_the_readers_language(
    browser: TestClient, links: dict[str, str]
) -> None:
    for link in links.values():
        for _scanner in range(3):
            page = browser.get(link)
            assert page.status_code == 200
            assert "Hier keine Meldungen mehr" in page.text
            assert 'value="everything"' in page.text
            assert 'href="/me"' in page.text
    assert "<bdi>ntfy (ntfy.example)</bdi>" in browser.get(links["phone"]).text
    assert live() == ["ntfys", "email"]


def test_the_links_of_a_channel_its_owner_removed_change_nothing_more(
    browser: TestClient, links: dict[str, str]
) -> None:
    with unit_of_work() as session:
        phone = session.exec(select(Channel).where(Channel.scheme == "ntfys")).one()
        retire(session, phone, LEFT)
        phone.status_at -= timedelta(hours=2)
    for do in ("keep", "everything", "leave"):
        assert browser.post(links["phone"], data={"do": do}).status_code == 200
    assert (live(), follows()) == (["email"], ["floods", "storms"])


def test_leaving_one_channel_leaves_the_others_and_offers_to_leave_them(
    browser: TestClient, links: dict[str, str]
) -> None:
    page = browser.post(links["phone"], data={"do": "leave"}).text
    assert (live(), follows()) == (["email"], ["floods", "storms"])
    assert "Anderswo bekommen Sie weiter Meldungen: <bdi>E-Mail</bdi>." in page
    assert 'value="everything"' in page


@pytest.mark.parametrize("by", ["phone", "mail"])
def test_leaving_everything_silences_every_channel_at_once(
    browser: TestClient, links: dict[str, str], by: str
) -> None:
    page = browser.post(links[by], data={"do": "everything"}).text
    assert (live(), follows()) == ([], [])
    assert "<button" not in page
    assert browser.post(links[by], data={"do": "everything"}).status_code == 200


def test_one_click_of_a_mail_program_retires_the_mailbox_only_and_its_page_has_a_button_for_the_rest(
    browser: TestClient, links: dict[str, str]
) -> None:
    page = browser.post(links["mail"], data=ONE_CLICK).text
    assert live() == ["ntfys"]
    assert 'value="everything"' in page
    browser.post(links["mail"], data={"do": "everything"})
    assert live() == []


def test_who_has_one_channel_is_not_asked_about_others(browser: TestClient, links: dict[str, str]) -> None:
    browser.post(links["mail"], data=ONE_CLICK)
    page = browser.get(links["phone"]).text
    assert 'value="everything"' not in page
    assert 'value="leave"' in page


def test_one_follows_less_by_the_short_link(browser: TestClient, links: dict[str, str]) -> None:
    browser.post(links["phone"], data={"do": "keep", "topic": ["1"]})
    assert follows() == ["storms"]
    assert live() == ["ntfys", "email"]


def ann_writes_a_topic() -> int:
    with unit_of_work() as session:
        ann = session.exec(select(Subscriber)).one()
        return write_own_topic(session, ann, "secret AND plan", "My secret").id or 0


def phone_rings_first() -> None:
    with unit_of_work() as session:
        for channel in session.exec(select(Channel)):
            channel.rank = 0 if channel.scheme == "ntfys" else 1


def test_a_short_link_counts_the_topics_one_wrote_and_shows_no_word_of_them_and_no_other_address(
    browser: TestClient, links: dict[str, str]
) -> None:
    ann_writes_a_topic()
    page = browser.get(links["phone"]).text
    assert "1 eigenes Thema" in page
    assert "secret" not in page
    assert "reader.example" not in page
    assert browser.get("/me").status_code == 401, "it signs nobody in"


def test_a_topic_one_wrote_is_stopped_by_its_box_and_forgotten(
    browser: TestClient, links: dict[str, str]
) -> None:
    number = ann_writes_a_topic()
    browser.post(links["phone"], data={"do": "keep", "topic": ["1"], "own": "1"})
    assert len(follows()) == 2
    browser.post(links["phone"], data={"do": "keep", "topic": ["1", str(number)]})
    assert follows() == ["storms"], "the words a stranger may read say nothing of its number"
    with reading() as session:
        assert session.get_one(Topic, number).query == ""


def test_a_mail_names_the_topics_one_wrote_each_with_its_box(
    browser: TestClient, links: dict[str, str]
) -> None:
    number = ann_writes_a_topic()
    assert "My secret" in browser.get(links["mail"]).text
    browser.post(links["mail"], data={"do": "keep", "topic": [str(number)]})
    assert len(follows()) == 1


@pytest.mark.parametrize("by", ["phone", "mail"])
def test_saving_with_nothing_chosen_stops_everything_on_every_channel(
    browser: TestClient, links: dict[str, str], by: str
) -> None:
    ann_writes_a_topic()
    page = browser.post(links[by], data={"do": "keep"}).text
    assert (live(), follows()) == ([], [])
    assert "Auch anderswo bekommen Sie nichts mehr." in page


@pytest.mark.parametrize("how", [ONE_CLICK, {"do": "leave"}])
def test_a_channel_that_only_stood_in_does_not_begin_to_ring_because_its_owner_left_by_mail(
    browser: TestClient, links: dict[str, str], how: dict[str, str]
) -> None:
    with unit_of_work() as session:
        session.exec(select(Channel).where(Channel.scheme == "ntfys")).one().rank = 1
    assert "springen nur für diesen ein" in browser.get(links["mail"]).text
    page = browser.post(links["mail"], data=how).text
    assert (live(), follows()) == ([], [])
    assert "Auch anderswo bekommen Sie nichts mehr." in page


def test_leaving_a_channel_that_stands_in_leaves_what_rings_first_as_it_was(
    browser: TestClient, links: dict[str, str]
) -> None:
    phone_rings_first()
    page = browser.post(links["mail"], data=ONE_CLICK).text
    assert (live(), follows()) == (["ntfys"], ["floods", "storms"])
    assert "Anderswo bekommen Sie weiter Meldungen: <bdi>ntfy</bdi>" in page


def test_a_link_ends_with_its_owners_data(browser: TestClient, links: dict[str, str]) -> None:
    with unit_of_work() as session:
        erase(session, session.exec(select(Subscriber)).one())
    assert browser.get(links["phone"]).status_code == 404
    assert browser.post(links["phone"]).status_code == 404
    assert browser.get("/l/guessed").status_code == 404


def test_a_large_service_is_called_by_its_name(browser: TestClient) -> None:
    with unit_of_work() as session:
        chat = "tgram://123456789:abcdefghijklmnopqrstuvwxyz012345678/42"
        channel = add_channel(session, a_subscriber(session, name="bob"), chat)
    page = browser.get(leave_path(channel.id or 0)).text
    assert "<bdi>Telegram</bdi>" in page
    assert "://…" not in page


def test_a_channel_that_was_just_confirmed_shows_the_way_out(browser: TestClient) -> None:
    with unit_of_work() as session:
        channel = add_channel(session, a_subscriber(session, name="bob"), PHONE)
        token = signer("own channel").dumps([channel.id, channel.digest[:16]])
    assert f'href="{leave_path(channel.id or 0)}"' in browser.get(f"/me/channels/confirm/{token}").text
