"""What a person heard of us, and why; and why not, where they did not."""

from subscriptions.heard.asking import Answer, why_did_i_not_hear
from subscriptions.heard.because import Because
from subscriptions.heard.entries import Heard, OnChannel, Page, heard, heard_of
from subscriptions.heard.find import find_articles
from subscriptions.heard.said import Said

__all__ = [
    "Answer",
    "Because",
    "Heard",
    "OnChannel",
    "Page",
    "Said",
    "find_articles",
    "heard",
    "heard_of",
    "why_did_i_not_hear",
]
