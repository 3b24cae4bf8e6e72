"""What a query would have rung, from the stored articles: how often, for which stories, by which words."""

from subscriptions.backtesting.backtest import Backtest, Day, Shown, backtest
from subscriptions.backtesting.document import document
from subscriptions.backtesting.marking import Piece
from subscriptions.backtesting.sentences import sentences

__all__ = ["Backtest", "Day", "Piece", "Shown", "backtest", "document", "sentences"]
