"""Web push as an Apprise plugin: `webpush://` (RFC 8030, 8291 and 8292).

Apprise's own `vapid://` knows no Urgency and no Topic, at most a minute of TTL, and plain text only.
"""

import re
from typing import Any

import requests
from apprise import NotifyType
from apprise.manager_plugins import NotificationManager
from apprise.plugins.base import NotifyBase

from subscriptions import base64url
from subscriptions.channel_kinds import WEB_PUSH
from subscriptions.errors import Mistake
from subscriptions.push_endpoints import read_push_address, spelled
from subscriptions.vapid import key_pair
from worker.push.aes128gcm import encrypt
from worker.push.web_push import headers
from worker.push.web_push_message import payload

URGENCIES = ("very-low", "low", "normal", "high")
TOPIC = re.compile(r"[A-Za-z0-9_-]{0,32}")
DAY_S = 86_400
PluginBase: Any = NotifyBase  # it declares what plugins are to override as None


class NotifyWebPush(PluginBase):  # type: ignore[misc]  # so the checker knows nothing of it
    """One message to one browser; what it says besides title and text is given when it is made."""

    service_name = "Web push"
    service_url = "https://www.w3.org/TR/push-api/"
    setup_url = "https://github.com/tocsin/tocsin/blob/main/docs/web-push.md"
    secure_protocol = WEB_PUSH
    request_rate_per_sec = 0
    title_maxlen = body_maxlen = 32_768  # cut by meaning once it is known what else must fit
    templates = ("{schema}://{host}/{path}",)

    def __init__(
        self,
        endpoint: str,
        p256dh: str,
        auth: str,
        key_id: str,
        *,
        ttl: int = DAY_S,
        urgency: str = "normal",
        topic: str = "",
        link: str = "",
        image: str = "",
        tag: str = "",
        language: str = "",
        direction: str = "",
        note: str = "",
        story: str = "",
        receipt: str = "",
        withdraws: str = "",
        **kwargs: Any,
    ) -> None:
        """Take a channel's parts, and what `web_push_message.arguments` gives.

        Raises Mistake when no secret key gives the endpoint's VAPID key any more.
        """
        super().__init__(**kwargs)
        if urgency not in URGENCIES or not TOPIC.fullmatch(topic):
            raise TypeError(f"Urgency is one of {', '.join(URGENCIES)}; a Topic has at most 32 letters.")
        self.parts = {"endpoint": endpoint, "p256dh": p256dh, "auth": auth, "key_id": key_pair(key_id).key_id}
        self.handling: Any = {"ttl": max(0, int(ttl)), "urgency": urgency, "topic": topic}
        self.said = {"link": link, "image": image, "tag": tag, "language": language}
        self.said |= {"direction": direction, "note": note, "story": story}
        self.said |= {"receipt": receipt, "withdraws": withdraws}

    def send(
        self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **_kwargs: Any
    ) -> bool:
        """Encrypt and post one message; a body that only repeats the title is left out."""
        del notify_type  # a page shows all alike
        text = "" if body == title else body
        message = payload({"title": title, "text": text, **self.said})
        keys = base64url.decode(self.parts["p256dh"]), base64url.decode(self.parts["auth"])
        try:
            response = requests.post(
                self.parts["endpoint"],
                data=encrypt(message, *keys),
                headers=headers(self.parts["endpoint"], self.parts["key_id"], self.app_id, **self.handling),
                verify=self.verify_certificate,
                timeout=self.request_timeout,
                allow_redirects=self.redirects,
            )
        except requests.RequestException as error:
            self.logger.warning("A push service could not be reached (%s).", type(error).__name__)
            return False
        return bool(response.ok)

    def url(self, privacy: bool = False, *_args: Any, **_kwargs: Any) -> str:  # noqa: FBT001, FBT002 - Apprise's
        """Give the address; with `privacy`, only where it leads."""
        address = spelled(self.parts)
        return read_push_address(address).label if privacy else address

    @property
    def url_identifier(self) -> tuple[str, str]:
        """Give what makes this endpoint itself."""
        return (self.secure_protocol, self.parts["endpoint"])

    @staticmethod
    def parse_url(url: str, *_args: Any, **_kwargs: Any) -> dict[str, Any] | None:
        """Read an address into the plugin's arguments; None if it is wrong."""
        try:
            return read_push_address(url).parts
        except Mistake:
            return None


if WEB_PUSH not in NotificationManager():
    NotificationManager().add(NotifyWebPush)
