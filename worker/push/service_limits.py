"""How many messages services allow, as they document it; a channel's own answers (429) come on top."""

from dataclasses import dataclass
from functools import cache

from limits import RateLimitItem, parse

from subscriptions.errors import Mistake
from subscriptions.settings import settings

# By URL scheme: in all of one account, and to one target; "" where the service names none.
SERVICES: dict[str, tuple[str, str]] = {
    "tgram": ("30/second", "1/second"),  # core.telegram.org/bots/faq, "My bot is hitting limits"
    "discord": ("", "5/2second"),  # what a webhook's X-RateLimit headers say: discord.com/developers
    "slack": ("", "1/second"),  # docs.slack.dev/apis/web-api/rate-limits: posting, and incoming webhooks
    "workflows": ("", "4/second"),  # learn.microsoft.com, Teams, "Rate limiting for connectors"
    "twilio": ("1/second", ""),  # twilio.com/docs, a long code sends one segment a second
    "mastodon": ("300/5minute", ""),  # docs.joinmastodon.org/api/rate-limits, per account
    "line": ("2000/second", ""),  # developers.line.biz/en/reference/messaging-api, rate limits
}
SAME_AS = {"workflow": "workflows", "toot": "mastodon", "toots": "mastodon", "mastodons": "mastodon"}


@dataclass(frozen=True, slots=True)
class ServiceLimit:
    """What one service allows."""

    in_all: RateLimitItem | None
    to_one: RateLimitItem | None


def service_limit(scheme: str) -> ServiceLimit | None:
    """Give what a kind of channel allows, None if nobody says; raises Mistake for a setting that is wrong."""
    return _limits().get(SAME_AS.get(scheme, scheme))


@cache
def _limits() -> dict[str, ServiceLimit]:
    own = settings().service_limits
    return {
        scheme: ServiceLimit(_read(scheme, in_all), _read(scheme, to_one))
        for scheme, (in_all, to_one) in (SERVICES | own).items()
    }


def _read(scheme: str, limit: str) -> RateLimitItem | None:
    try:
        return parse(limit) if limit else None
    except ValueError:
        raise Mistake(
            f"TOCSIN_SERVICE_LIMITS has {limit!r} for {scheme}: write it like 30/second or 300/5minute."
        ) from None
