"""What the far end says: enough for plugins that first log in, or look something up, to go on."""

import json
from typing import Any

# Fields that one service or another reads, with values that let it go on.
ANSWER: dict[str, Any] = {
    "ok": True,
    "success": True,
    "status": "success",
    "id": "1001",
    "access_token": "fictional-access-token",
    "expires_in": 3600,
}

# Where the one answer does not do: part of host and path, and what is said there.
SPECIAL: list[tuple[str, Any]] = []


def answer_to(method: str, host: str, path: str) -> bytes:
    """Choose the body of the answer to a request."""
    del method
    place = f"{host}{path}"
    answer = next((said for part, said in SPECIAL if part in place), ANSWER)
    return json.dumps(answer).encode()
