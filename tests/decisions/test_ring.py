"""Whether an article that speaks of topics rings."""

from worker.match.ring import Ring, Silent, should_ring

HARBOUR, STORM = 1, 2
NAMES = {HARBOUR: "Harbour", STORM: "Storm"}


def test_the_first_article_of_a_story_rings_for_all_its_topics() -> None:
    assert should_ring(NAMES, []) == Ring(
        (HARBOUR, STORM), "it speaks of Harbour and Storm, and its story has not rung yet"
    )


def test_a_second_article_of_a_story_is_silent() -> None:
    decision = should_ring({HARBOUR: "Harbour"}, [HARBOUR])
    assert decision == Silent("its story has rung for Harbour already")


def test_a_later_article_rings_only_for_topics_that_have_not_heard() -> None:
    decision = should_ring(NAMES, [HARBOUR])
    assert isinstance(decision, Ring)
    assert decision.topics == (STORM,)


def test_an_article_nobody_asked_for_is_silent() -> None:
    assert should_ring({}, []) == Silent("no topic matches")


def test_news_that_waited_out_a_long_breakdown_is_silent() -> None:
    assert isinstance(should_ring(NAMES, [], waited_h=7, ttl_h=6), Silent)
    assert isinstance(should_ring(NAMES, [], waited_h=5, ttl_h=6), Ring)
