"""Secrets typed into a form that comes back for a mistake: sealed, so that no page shows them again."""

import json
from collections.abc import Mapping

from subscriptions import base64url, clock
from subscriptions.errors import Mistake
from subscriptions.keys import sealer

LASTS_S = 3600


def keep(subscriber_id: int, kind: str, secrets: Mapping[str, str]) -> str:
    """Seal the secrets of a person's form; "" where there are none."""
    if not secrets:
        return ""
    kept = [subscriber_id, kind, clock.now().timestamp(), dict(secrets)]
    return base64url.encode(sealer().seal(json.dumps(kept).encode()))


def kept(subscriber_id: int, kind: str, sealed: str) -> dict[str, str]:
    """Give the secrets of a form; none of another person's, another kind's, or of more than an hour ago."""
    try:
        owner, of_kind, at, secrets = json.loads(sealer().open(base64url.decode(sealed)))
    except (ValueError, TypeError, Mistake):
        return {}
    if (owner, of_kind) != (subscriber_id, kind) or clock.now().timestamp() - at > LASTS_S:
        return {}
    return {str(name): str(value) for name, value in secrets.items()}
