"""A backtest in words."""

from collections.abc import Iterator

from subscriptions.backtesting.backtest import Backtest
from subscriptions.wording import counted


def sentences(tested: Backtest) -> Iterator[str]:
    """Say what a query would have rung, what else it matches, and whether all was looked at."""
    since = f"{tested.since:%Y-%m-%d %H:%M} UTC"
    alerts = f"{counted(tested.alerts, 'alert')}, {tested.alerts_a_day:.1f} a day"
    yield f"{alerts}, from {counted(tested.articles, 'article')} seen since {since}."
    if tested.silent_articles:
        yield (
            f"{counted(tested.silent_articles, 'article')} would match but never ring: they stood there when "
            "their source was first read, came too late or are held."
        )
    if tested.is_cut:
        yield (
            f"{tested.doubtful:,} articles would have to be looked at one by one; the newest "
            f"{tested.looked_at:,} were, and what is older is left out. A word that is in fewer articles "
            "makes it look further back."
        )
