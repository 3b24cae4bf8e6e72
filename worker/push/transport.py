"""Sending one message through one Apprise plugin, and hearing what the far end answered.

The plugins are unchanged; what they know as `requests` or paho's `mqtt`, and the SMTP controller of the mail
plugin, are replaced by ones that send over this process's wire and note each answer.
"""

import asyncio
import smtplib
import sys
import threading
from contextvars import copy_context
from dataclasses import replace
from functools import cache
from types import ModuleType
from typing import Any, Self

import apprise
import requests
from apprise.manager_plugins import NotificationManager
from apprise.plugins.email import base as mail_plugin
from apprise.plugins.email.smtp import AppriseSMTPController

from subscriptions import clock
from subscriptions.channel_kinds import EMAIL, WEB_PUSH
from subscriptions.leave_links import PLACE
from subscriptions.settings import settings
from worker.errors import SendError, TryLater
from worker.guard import watch
from worker.push import mqtt, webpush
from worker.push.answer import Answer, Failure, judge
from worker.push.bridge import CONNECT_S, READ_S, answers, home, note, private, requests_on_the_wire
from worker.push.compose import Message
from worker.push.greenlets import run_in_greenlet
from worker.push.mail_server import mail_server
from worker.push.room import fields_for, room_of
from worker.push.smtp import send_mail
from worker.push.web_push import push
from worker.push.writing import written

# They speak `requests` and open sockets of their own besides, which would hold up the loop.
THREADED = frozenset({"nostr"})


async def send(
    parts: dict[str, Any], message: Message, *, leave: str = "", enters_private: bool = False
) -> None:
    """Send a message to the channel with these opened parts; `leave` is the path of its own link to leave by.

    Returns when the far end accepted it. Raises TryLater, AddressGone, Refused or Unknown,
    whose texts hold no secret, and Mistake for a mail when there is no mail server. Only with
    `enters_private` may it go to this machine or a private network.
    """
    install()
    if parts["schema"] == EMAIL:
        await send_mail(mail_server(), parts["to"], message)
        return
    heard: list[Answer] = []
    answers.set(heard)
    private.set(enters_private)
    home.set(asyncio.get_running_loop())
    if await _notify(parts, message, leave):
        return
    if not heard and not _is_bridged(_kind(parts["schema"])):
        raise TryLater("it was not reached, or did not take the message")  # its plugin does not say which
    raise judge(heard, clock.now())


async def _notify(parts: dict[str, Any], message: Message, leave: str) -> bool:
    if parts["schema"] == WEB_PUSH:
        return await push(parts, message)
    if _is_bridged(_kind(parts["schema"])):
        return await run_in_greenlet(_tell, parts, message, leave)
    return await asyncio.to_thread(_tell, parts, message, leave)


def _tell(parts: dict[str, Any], message: Message, leave: str) -> bool:
    """Make the plugin, let it send, and drop it here: some log out when they are dropped."""
    scheme = parts["schema"]
    fields = fields_for(scheme, parts, message)
    plugin = _plugin({**parts, **fields})
    room = room_of(scheme, plugin, parts.get("format"))
    opens = bool(fields) and not message.speaks_of_link
    title, body = written(replace(message, link="") if opens else message, room)
    if room.says_how_to_leave:
        body = body.replace(PLACE, leave)
    # What `Apprise.notify` does for one plugin, without its 0.2 ms: it has nothing to choose from.
    return bool(plugin.notify(title=title, body=body, body_format=room.form, body_passthrough=False))


@cache
def _kind(schema: str) -> Any:
    return NotificationManager()[schema]


@cache
def _is_bridged(kind: Any) -> bool:
    if kind.__module__ == mqtt.PLUGIN:
        return True
    modules = [sys.modules[each.__module__] for each in kind.__mro__]
    speaks_http = any(getattr(module, "requests", None) is requests_on_the_wire for module in modules)
    return speaks_http and kind.__module__.split(".")[2] not in THREADED


def answer_of(problem: BaseException) -> str:
    """Put what went wrong in a send into words without secrets."""
    return (
        problem.answer if isinstance(problem, SendError) else f"the sender failed ({type(problem).__name__})"
    )


def _plugin(parts: dict[str, Any]) -> Any:
    given = {**parts, "cto": CONNECT_S, "rto": READ_S, "asset": _asset(settings().site, icon())}
    plugin = _kind(parts["schema"])(**given)
    plugin.request_rate_per_sec = 0  # else it sleeps up to 5.5 s between two requests
    plugin.throttle = _no_throttle  # some sleep after a 429; when to try again is our decision
    return plugin


def _no_throttle(*_: Any, **__: Any) -> None:
    pass


@cache
def _asset(site: str, picture: str) -> apprise.AppriseAsset:
    return apprise.AppriseAsset(
        app_id="Tocsin",
        app_desc="Tocsin",
        app_url=site,
        async_mode=False,  # else all sends of the process wait in one small pool
        service_timeout=0,
        storage_mode="memory",
        image_url_mask=picture,
        image_url_logo=picture,
        http_redirects=False,
        pem_autogen=False,
    )


def icon() -> str:
    """Give the address of the picture that chats show beside messages: the newsroom's own, or none.

    Else it is Apprise's, which each reader's device would fetch from a third party.
    """
    return f"{settings().site}/static/bell.png" if settings().public_url else ""


class _Controller(AppriseSMTPController):
    """Apprise's SMTP connection, noting what the server says."""

    def __enter__(self) -> Self:
        try:
            super().__enter__()
        except smtplib.SMTPResponseException as error:
            note(Answer.smtp(error.smtp_code, error.smtp_error, at_login=True))
            raise
        except (OSError, smtplib.SMTPException):
            note(Answer(failure=Failure.unreachable))
            raise
        return self

    def sendmail(self, from_addr: str, to_addrs: list[str], message: str) -> bool:
        try:
            connection: Any = self._socket
            refused = connection.sendmail(from_addr, to_addrs, message)
        except smtplib.SMTPRecipientsRefused as error:
            refused = error.recipients
        except smtplib.SMTPResponseException as error:  # our sender or our text, not this reader's address
            note(Answer.smtp(error.smtp_code, error.smtp_error, at_login=True))
            return False
        except TimeoutError:
            note(Answer(failure=Failure.no_answer))
            return False
        except (OSError, smtplib.SMTPException):
            note(Answer(failure=Failure.unreachable))
            return False
        for code, words in refused.values():
            note(Answer.smtp(code, words))
        return not refused


class _Thread(threading.Thread):
    """A thread of a plugin's own, which is watched as the send it belongs to."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._of_send = copy_context()

    def run(self) -> None:
        self._of_send.run(super().run)


@cache
def _threading() -> ModuleType:
    """Give the module `threading` as plugins see it."""
    ours = ModuleType("threading")
    vars(ours).update(vars(threading) | {"Thread": _Thread})
    return ours


@cache
def install() -> None:
    """Load all plugins and put our wire under them; a worker does so before it forks."""
    list(NotificationManager().schemas())  # loads all plugins
    for name, module in list(sys.modules.items()):
        ours = name == webpush.__name__
        if (ours or name.startswith("apprise.plugins.")) and getattr(module, "requests", None) is requests:
            module.requests = requests_on_the_wire  # type: ignore[attr-defined]  # that is the seam
        if name.startswith("apprise.plugins.") and getattr(module, "threading", None) is threading:
            module.threading = _threading()  # type: ignore[attr-defined]
    vars(mail_plugin)["AppriseSMTPController"] = _Controller
    mqtt.put_under_plugin()
    watch(lambda: private.get() is False, lambda: note(Answer(failure=Failure.private)))
