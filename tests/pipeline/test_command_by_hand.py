"""`tocsin sources|topics|subscribers|channels|subscribe`: what an admin does by hand."""

import pytest

from subscriptions.database import reading, unit_of_work
from subscriptions.subscribers import subscribe
from subscriptions.tables import Channel, ChannelStatus, Source, Subscription, Topic
from tests.builders import a_subscriber, a_topic
from tests.commands import done, tocsin


def test_a_source_is_added_paused_resumed_and_removed(db: str) -> None:
    done("sources", "add", "https://news.example/feed", "--unread", "--title", "Island Herald")
    for word, status in (("pause", "paused"), ("resume", "live")):
        done("sources", word, "Island Herald")
        assert done("sources", "list", "--json").json[0]["status"] == status
    done("sources", "remove", "1", "--yes")
    assert done("sources", "list", "--json").json == []


def test_times_are_iso_for_programs_and_human_for_people(db: str) -> None:
    done("sources", "add", "https://news.example/feed", "--unread")
    assert done("sources", "list", "--json").json[0]["next_poll_at"].endswith("Z")
    assert " s ago" in done("sources", "list").out


def test_removing_asks_first_and_says_how_where_nobody_can_be_asked(db: str) -> None:
    done("subscribers", "add", "ann")
    answer = tocsin("subscribers", "remove", "ann")
    assert answer.code == 2
    assert "--yes" in answer.err
    assert len(done("subscribers", "list", "--json").json) == 1
    done("subscribers", "remove", "ann", "--yes")
    assert done("subscribers", "list", "--json").json == []


def test_a_topic_is_added_edited_paused_and_listed_with_its_followers(db: str) -> None:
    done("topics", "add", "Storms", "storm*", "--name", "Storms at sea", "--after-approval")
    done("subscribers", "add", "ann", "--language", "he", "--time-zone", "Asia/Jerusalem")
    done("subscribe", "ann", "storms", "--threshold", "3")
    done("topics", "edit", "storms", "--query", "storm* AND harbour", "--by-itself")
    (topic,) = done("topics", "list", "--json").json
    assert topic["query"] == "storm* AND harbour"
    assert (topic["rings"], topic["followers"], topic["status"]) == ("by_itself", 1, "live")
    done("topics", "pause", "storms")
    assert done("topics", "list", "--json").json[0]["status"] == "paused"


def test_a_topics_name_that_would_widen_every_table_is_refused_with_a_sentence(db: str) -> None:
    answer = tocsin("topics", "add", "storms", "storm*", "--name", "n" * 300)
    assert answer.code != 0
    assert "A topic's name has at most 80 letters: this one has 300." in answer.err
    done("topics", "add", "storms", "storm*", "--name", "n" * 80)
    assert "at most 80 letters" in tocsin("topics", "edit", "storms", "--name", "n" * 81).err


def test_a_topic_goes_by_its_slug_before_its_number_before_its_name(db: str) -> None:
    done("topics", "add", "2", "storm*", "--name", "Storms")
    done("topics", "add", "floods", "flood*", "--name", "2")
    for ref, slug in (("2", "2"), ("1", "2"), ("STORMS", "2"), ("floods", "floods")):
        done("topics", "edit", ref, "--query", f"tried {ref}")
        queries = {topic["slug"]: topic["query"] for topic in done("topics", "list", "--json").json}
        assert queries[slug] == f"tried {ref}"


def test_a_name_that_several_have_is_asked_back(db: str) -> None:
    for number in (1, 2):
        done("sources", "add", f"https://news.example/feed/{number}", "--unread", "--title", "Island Herald")
    answer = tocsin("sources", "pause", "Island Herald")
    assert answer.code != 0
    assert "2 sources are called 'Island Herald': say which by number 1 or number 2." in answer.err


def test_following_again_keeps_the_threshold_that_was_chosen(db: str) -> None:
    with unit_of_work() as session:
        topic, subscriber = a_topic(session), a_subscriber(session)
        subscribe(session, subscriber, topic, threshold=2)
        assert subscribe(session, subscriber, topic).threshold == 2
        assert subscribe(session, subscriber, topic, threshold=5).threshold == 5
        assert subscribe(session, subscriber, a_topic(session)).threshold == 8


def test_a_draft_matches_nothing_until_it_is_resumed(db: str) -> None:
    done("topics", "add", "storms", "storm*", "--draft")
    assert done("topics", "list", "--json").json[0]["status"] == "draft"
    done("topics", "resume", "storms")
    assert done("topics", "list", "--json").json[0]["status"] == "live"


def test_following_and_leaving_a_topic(db: str) -> None:
    done("topics", "add", "storms", "storm*")
    done("subscribers", "add", "ann")
    done("subscribe", "ann", "storms")
    assert done("subscribers", "list", "--json").json[0]["follows"] == ["storms"]
    done("unsubscribe", "ann", "storms")
    assert tocsin("unsubscribe", "ann", "storms").code == 1


def test_a_channel_is_read_from_stdin_and_its_secret_is_never_shown(db: str) -> None:
    done("subscribers", "add", "ann")
    added = done("channels", "add", "ann", "-", typed="ntfys://ann:hunter2@ntfy.example/ann-news\n")
    listed = done("channels", "list", "ann", "--json")
    assert listed.json[0]["kind"] == "ntfys"
    assert "hunter2" not in added.out + added.err + listed.out
    with reading() as session:
        assert b"hunter2" not in session.get_one(Channel, 1).sealed


def test_a_removed_channel_is_retired_and_kept_on_record(db: str) -> None:
    done("subscribers", "add", "ann")
    done("channels", "add", "ann", "ann@news.example")
    done("channels", "remove", "1", "--yes")
    assert done("channels", "list", "--json").json == []
    assert done("channels", "list", "--every", "--json").json[0]["why"] == "an admin removed it"
    with reading() as session:
        assert session.get_one(Channel, 1).status == ChannelStatus.retired


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("sources", "add", "ftp://news.example/feed", "--unread"), "ftp"),
        (("sources", "add", "no address", "--unread"), "no address"),
        (("sources", "pause", "nowhere"), "nowhere"),
        (("topics", "add", "storms", "storm AND"), "AND"),
        (("topics", "add", "!!!", "storm"), "!!!"),
        (("topics", "edit", "stroms", "--query", "x"), "storms"),
        (("topics", "edit", "storms"), "--query"),
        (("topics", "edit", "storms", "--query", "("), "character 2"),
        (("subscribers", "add", "ann"), "ann"),
        (("subscribers", "add", "bob", "--time-zone", "Asia/Jerusalm"), "Asia/Jerusalem"),
        (("subscribers", "add", "bob", "--language", "Hebrow"), "did you mean he?"),
        (("subscribers", "add", "bob", "--language", "xy"), "as `he` or `pt-BR`"),
        (("subscribe", "anne", "storms"), "ann"),
        (("subscribe", "ann", "storms", "--threshold", "9"), "9"),
        (("channels", "add", "ann", "nosuch://x"), "nosuch"),
        (("channels", "add", "ann", "syslog://"), "syslog"),
        (("channels", "add", "ann", "https://discord.com/api/webhooks/1/a"), "discord://"),
        (("channels", "add", "ann", "not an address"), "mail address"),
        (("channels", "test", "99"), "99"),
        (("alerts", "show", "99"), "99"),
        (("alerts", "approve", "99"), "99"),
        (("trace", "99"), "99"),
        (("trace", "alert:99"), "99"),
        (("trace", "9" * 30), "999"),
        (("topics", "add", "floods", "storm \udcff"), "UTF-8"),
        (("worker", "--queues", "push,psh"), "'psh'"),
        (("trace", "https://news.example/none"), "https://news.example/none"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_thing(db: str, words: tuple[str, ...], named: str) -> None:
    done("topics", "add", "storms", "storm*")
    done("subscribers", "add", "ann")
    answer = tocsin(*words)
    assert answer.code == 2, answer
    assert named in answer.err
    assert "Traceback" not in answer.err
    assert not answer.out


def test_a_mistake_stores_nothing(db: str) -> None:
    done("topics", "add", "storms", "storm*")
    done("subscribers", "add", "ann")
    tocsin("subscribe", "ann", "storms", "--threshold", "9")
    tocsin("topics", "add", "floods", "flood AND (")
    tocsin("sources", "add", "ftp://news.example/", "--unread")
    with reading() as session:
        assert session.get(Subscription, {"subscriber_id": 1, "topic_id": 1}) is None
        assert session.get(Topic, 2) is None
        assert session.get(Source, 1) is None


def test_a_wrong_query_is_pointed_at(db: str) -> None:
    answer = tocsin("topics", "add", "storms", "storm AND )")
    sentence, query, carets = answer.err.splitlines()
    assert sentence.startswith("At character 11")
    assert query.index(")") == carets.index("^")
