"""How pages call a channel: as people do, by its service."""

from subscriptions.channel_forms.forms import name_of
from subscriptions.channel_kinds import EMAIL, WEB_PUSH
from subscriptions.errors import msgid
from subscriptions.tables import Channel
from subscriptions.texts import Language

OURS = {EMAIL: msgid("E-mail"), WEB_PUSH: msgid("Notifications of a browser")}


def kind_of(channel: Channel) -> str:
    """Give the name of the service that a channel leads to, not translated."""
    return OURS.get(channel.scheme) or name_of(channel.scheme)


def called(channel: Channel, language: Language) -> str:
    """Call a mailbox by its address, another channel by its service, and its host where it is one of many."""
    if channel.scheme == EMAIL:
        return channel.label
    service = language.gettext(kind_of(channel))
    host = channel.label.partition("://")[2].partition("/")[0]
    return f"{service} ({host})" if host.strip("…") else service
