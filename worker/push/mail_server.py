"""The newsroom's own SMTP server, as TOCSIN_MAIL_URL names it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import urlencode

from apprise.manager_plugins import NotificationManager
from apprise.plugins import url_to_dict

from subscriptions.errors import Mistake
from subscriptions.settings import settings
from worker.errors import Refused
from worker.push.mail import Sender
from worker.push.mail_header import mailbox

Security = Literal["insecure", "starttls", "ssl"]


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed in, as whom, and who they come from."""

    host: str
    port: int
    security: Security
    user: str
    password: str
    checks_certificate: bool
    sender: Sender


def mail_server() -> MailServer:
    """Give the server of TOCSIN_MAIL_URL; raises Mistake when it is not set or not right."""
    return _read(settings().mail_url.get_secret_value())


@lru_cache(maxsize=1)
def _read(url: str) -> MailServer:
    if not url:
        raise Mistake(
            "No mail can be sent: set TOCSIN_MAIL_URL to the SMTP server to send by, "
            "as in mailtos://USER:PASSWORD@smtp.example?from=alerts@news.example."
        )
    # Apprise reads a mailto URL only with somebody to send to, and knows the servers of large providers.
    somebody = urlencode({"to": "somebody@news.example"})
    parts: Any = url_to_dict(f"{url}{'&' if '?' in url else '?'}{somebody}", secure_logging=True)
    if not parts or parts.get("schema") not in ("mailto", "mailtos"):
        raise Mistake(
            "TOCSIN_MAIL_URL is not a mailto:// or mailtos:// address of an SMTP server: correct it."
        )
    try:
        return _server(NotificationManager()[parts["schema"]](**parts))
    except (TypeError, Refused):
        raise Mistake(
            "TOCSIN_MAIL_URL does not say who mails come from: add ?from=alerts@YOUR-SITE to it."
        ) from None


def _server(plugin: Any) -> MailServer:
    if plugin.cc or plugin.bcc:
        raise Mistake("TOCSIN_MAIL_URL has cc or bcc: leave it out, every mail would be copied there.")
    name, address = plugin.from_addr
    return MailServer(
        plugin.smtp_host,
        int(plugin.port),
        str(plugin.secure_mode),  # type: ignore[arg-type]  # Apprise's enum has these three
        plugin.user or "",
        plugin.password or "",
        bool(plugin.verify_certificate),
        Sender(mailbox(address), name or "", tuple(sorted(plugin.reply_to)), tuple(plugin.headers.items())),
    )
