"""Real polls of real feeds go through the whole chain, into a real SMTP server and an HTTP sink."""

import pytest

from tests.benchmarks.archived_polls import read_polls
from tests.benchmarks.replay_polls import replay
from tests.corpus import CORPUS, needs_corpus
from tests.feed_server import feed_server
from tests.sinks import HttpSink, MailSink

WINDOW = "2020-05"  # 270 polls of 11 sources within two days; `make bench-polls` replays all 1,474


@needs_corpus
@pytest.mark.timeout(900)
def test_every_new_item_that_matches_rings_once_and_baselines_and_edits_are_silent(
    db: str, sink: HttpSink, smtp: MailSink
) -> None:
    with feed_server() as publisher:
        counts = replay(read_polls(CORPUS, WINDOW), publisher, sink, smtp)
    assert (counts.missing, counts.twice, counts.unexpected) == (0, 0, 0), counts.examples
    assert counts.rang == counts.mails == counts.matching - counts.same_story > 100
    assert min(counts.baseline, counts.edits, counts.too_old) > 0, "there was something to be silent about"
    assert counts.answered_304 == counts.polls, "a document that has not changed is not sent again"
