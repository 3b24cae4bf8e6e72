"""Gathering the words of stored articles into concordances, so that a backtest need not read them all."""

import structlog

from subscriptions.concordances import concordance, lacking, settled_articles
from subscriptions.database import lock, reading, unit_of_work

log = structlog.get_logger()


def gather() -> bool:
    """Make one concordance, the newest that is to be made; tell whether there was one.

    Some tenths of a second of work, outside of any transaction: no article on its way waits for it.
    """
    with reading() as session:
        number = lacking(session)
        articles = settled_articles(session, number) if number is not None else []
    if number is None or not articles:
        return False
    made = concordance(number, articles)
    with unit_of_work() as session:
        lock(session, "concordances")
        session.merge(made)
    log.info("concordance", number=number, articles=made.articles)
    return True
