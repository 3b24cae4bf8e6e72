"""Sending one message through one Apprise plugin, and hearing what the far end answered.

Apprise says only whether a send went right. So the name `requests` inside Apprise's plugin modules, and the
SMTP controller of its mail plugin, are replaced by ones that note each answer (status, Retry-After, kind of
failure) for the send under way; the plugins are unchanged.
"""

import smtplib
import sys
import types
from contextvars import ContextVar
from functools import cache
from typing import Any, Self

import apprise
import requests
from apprise.manager_plugins import NotificationManager
from apprise.plugins.email import base as mail_plugin
from apprise.plugins.email.smtp import AppriseSMTPController

from subscriptions import clock
from worker.errors import SendError
from worker.push.answer import Answer, Failure, judge
from worker.push.compose import Message, leaving

CONNECT_S, READ_S = 4.0, 10.0

_answers: ContextVar[list[Answer] | None] = ContextVar("answers", default=None)


def send(parts: dict[str, Any], message: Message) -> None:
    """Send a message to the channel with these opened parts.

    Returns when the far end accepted it. Raises TryLater, AddressGone, Refused or Unknown,
    whose texts hold no secret.
    """
    _listen()
    answers: list[Answer] = []
    token = _answers.set(answers)
    try:
        accepted = bool(_bell(parts, message).notify(title=message.title, body=message.body))
    finally:
        _answers.reset(token)
    problem = None if accepted else judge(answers, clock.now())
    if problem is not None:
        raise problem


def answer_of(problem: BaseException) -> str:
    """Put what went wrong in a send into words without secrets."""
    return (
        problem.answer if isinstance(problem, SendError) else f"the sender failed ({type(problem).__name__})"
    )


def _bell(parts: dict[str, Any], message: Message) -> apprise.Apprise:
    given = {**parts, "cto": CONNECT_S, "rto": READ_S, "asset": _asset()}
    if message.leave and "headers" in parts and parts["schema"].startswith("mailto"):
        given["headers"] = {**parts["headers"], **leaving(message.leave)}
    plugin = NotificationManager()[parts["schema"]](**given)
    plugin.request_rate_per_sec = 0  # else it sleeps up to 5.5 s between two requests
    plugin.throttle = lambda *_, **__: None  # some sleep after a 429; when to try again is our decision
    bell = apprise.Apprise(asset=_asset())
    bell.add(plugin)
    return bell


@cache
def _asset() -> apprise.AppriseAsset:
    return apprise.AppriseAsset(
        app_id="Tocsin",
        app_desc="Tocsin",
        async_mode=False,  # else all sends of the process wait in one small pool
        service_timeout=0,
        storage_mode="memory",
        http_redirects=False,
        pem_autogen=False,
    )


def _note(answer: Answer) -> None:
    answers = _answers.get()
    if answers is not None:
        answers.append(answer)


class _Requests(types.ModuleType):
    """The module `requests` as plugins see it: each call is its own session, and its answer is noted."""

    def __getattr__(self, name: str) -> Any:
        return getattr(requests, name)

    def request(self, method: str, url: str, **kwargs: Any) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False  # no proxies and no .netrc of this machine
            kwargs["allow_redirects"] = False
            try:
                response = session.request(method, url, **kwargs)
            except requests.RequestException as error:
                _note(Answer(failure=_failure(error)))
                raise
        _note(Answer(response.status_code, response.reason or "", response.headers.get("Retry-After", "")))
        return response


def _method(name: str) -> Any:
    def call(self: _Requests, url: str, **kwargs: Any) -> requests.Response:
        return self.request(name, url, **kwargs)

    return call


for _name in ("get", "post", "put", "patch", "delete", "head", "options"):
    setattr(_Requests, _name, _method(_name))


def _failure(error: requests.RequestException) -> Failure:
    if isinstance(error, requests.ConnectTimeout):
        return Failure.unreachable
    if isinstance(error, requests.Timeout):
        return Failure.no_answer
    if isinstance(error, requests.exceptions.SSLError):
        return Failure.untrusted
    return Failure.unreachable


class _Controller(AppriseSMTPController):
    """Apprise's SMTP connection, noting what the server says."""

    def __enter__(self) -> Self:
        try:
            super().__enter__()
        except smtplib.SMTPResponseException as error:
            _note(Answer.smtp(error.smtp_code, error.smtp_error, at_login=True))
            raise
        except (OSError, smtplib.SMTPException):
            _note(Answer(failure=Failure.unreachable))
            raise
        return self

    def sendmail(self, from_addr: str, to_addrs: list[str], message: str) -> bool:
        try:
            connection: Any = self._socket
            refused = connection.sendmail(from_addr, to_addrs, message)
        except smtplib.SMTPRecipientsRefused as error:
            refused = error.recipients
        except smtplib.SMTPResponseException as error:
            refused = {"": (error.smtp_code, error.smtp_error)}
        except TimeoutError:
            _note(Answer(failure=Failure.no_answer))
            return False
        except (OSError, smtplib.SMTPException):
            _note(Answer(failure=Failure.unreachable))
            return False
        for code, words in refused.values():
            _note(Answer.smtp(code, words))
        return not refused


@cache
def _listen() -> None:
    list(NotificationManager().schemas())  # loads all plugins
    ours = _Requests("requests")
    for name, module in list(sys.modules.items()):
        if name.startswith("apprise.plugins.") and getattr(module, "requests", None) is requests:
            module.requests = ours  # type: ignore[attr-defined]  # that is the seam
    vars(mail_plugin)["AppriseSMTPController"] = _Controller
