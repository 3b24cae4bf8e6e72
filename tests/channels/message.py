"""The message that both ways send, to the same channels."""

import sys
from typing import Any

import requests

from subscriptions.channels import read_address
from tests.channels.addresses import ADDRESSES
from worker.push.compose import Message

# Quotes, ampersands, percent signs, letters of several scripts and lines: what gets encoded differently.
SITE, LEAVE = "https://alerts.news.example", "/l/h3mZ_k-1tQwX0aBcDeF2"
MESSAGE = Message(
    'Ärztestreik: "Wir hören auf" & <mehr>',
    "First line + one.\nSecond line: 5 < 6 & 100 % = \\all — שלום, 你好 🔔",
    leave=f"{SITE}{LEAVE}",
)


def parts_for(scheme: str) -> dict[str, Any]:
    """Give the opened parts of the scheme's channel; the far end's certificate is nobody's to trust."""
    return {**read_address(ADDRESSES[scheme]).parts, "verify": False}


def seam_is_installed() -> bool:
    """Tell whether Apprise's plugins in this process send through the seam."""
    return sys.modules["apprise.plugins.custom_json"].requests is not requests
