"""What the service behind a channel has room for, and how it reads a text.

Apprise's plugins say most of it. Where a service counts otherwise, or has less room than the plugin says, it
stands here. Longer messages would be cut anywhere, come in several pieces, or be refused.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from apprise.common import NotifyFormat

from worker.push.compose import Message
from worker.push.measure import letters, septets, utf8, utf16, weighed

TEXT, MARKDOWN, HTML = NotifyFormat.TEXT, NotifyFormat.MARKDOWN, NotifyFormat.HTML
SMS_ROOM = 306  # letters of two parts
LONGEST_LINK = 512  # that a field of its own holds: Pushover's limit, the smallest

SMS = frozenset(
    [
        "46elks",
        "atalk",
        "bulksms",
        "bulkvs",
        "burstsms",
        "clickatell",
        "clicksend",
        "cm",
        "d7sms",
        "elks",
        "exotel",
        "freemobile",
        "httpsms",
        "infobip",
        "kavenegar",
        "mobilemessage",
        "msg91",
        "msgbird",
        "nexmo",
        "notifyre",
        "octopush",
        "plivo",
        "ringc",
        "serwersms",
        "seven",
        "sfr",
        "sinch",
        "smsc",
        "smseagle",
        "smseagles",
        "smsmanager",
        "smstunnel",
        "sns",
        "telesign",
        "telnyx",
        "twilio",
        "voipms",
        "vonage",
    ]
)
# They show Markdown, also in what Apprise hands them as plain text.
SHOW_MARKDOWN = frozenset({"discord", "fluxer", "guilded", "kook", "workflow", "workflows"})
# Their HTML has fewer letters that mean something than their Markdown.
SHOW_HTML = frozenset({"tgram", "matrix", "matrixs"})
# The title is the first line of the text, or marked up as the text is, though they have a field for it.
TITLE_IN_TEXT = frozenset({"discord", "fluxer", "guilded"})
TITLE_IS_MARKED_UP = TITLE_IN_TEXT | {"workflow", "workflows"}
# They make a link of an address by themselves, and show the page's picture below it.
LINK_BY_THEMSELVES = frozenset({"discord", "fluxer", "guilded"})

COUNT: dict[str, Callable[[str], int]] = {
    **dict.fromkeys(SMS, septets),
    **dict.fromkeys(
        ("bark", "barks", "fcm", "gorush", "irc", "ircs", "ntfy", "ntfys", "onesignal", "pushy"), utf8
    ),
    **dict.fromkeys(("aprs", "wechat", "wecombot"), utf8),
    **dict.fromkeys(("line", "tgram"), utf16),
    **dict.fromkeys(("tweet", "twitter", "x"), weighed),
}
# In the unit above. ntfy makes an attachment of what is longer; Apple and Google take 4096 bytes in all.
LESS = {
    **dict.fromkeys(("ntfy", "ntfys"), 4096),
    **dict.fromkeys(("bark", "barks", "gorush", "onesignal", "pushy"), 2800),
    "fcm": 2800,
}
# What they open when the notification is tapped; a link there need not be in the text.
LINK_FIELDS: dict[str, str] = {
    **dict.fromkeys(("bark", "barks", "lauther", "ntfy", "ntfys"), "click"),
    **dict.fromkeys(("pover", "trigv"), "supplemental_url"),
    "wpush": "click_url",
    "youlmk": "link",
}
IMAGE_FIELDS = dict.fromkeys(("ntfy", "ntfys"), "attach")

# No line says there how to leave. Programs read these: what they get stays what it is.
FOR_PROGRAMS = frozenset({"form", "forms", "ifttt", "json", "jsons", "mqtt", "mqtts", "xml", "xmls"})
# Nobody can follow a link on these: screens, pagers, a radio's display.
FOR_SCREENS = frozenset(
    {
        "aprs",
        "dapnet",
        "emby",
        "embys",
        "enigma2",
        "enigma2s",
        "jellyfin",
        "jellyfins",
        "kodi",
        "kodis",
        "lametric",
        "lametrics",
        "strmlabs",
        "xbmc",
        "xbmcs",
    }
)
# Anybody may read what is posted there, and would leave in the name of who posts it.
IN_PUBLIC = frozenset(
    {
        "bluesky",
        "bsky",
        "mastodon",
        "mastodons",
        "misskey",
        "misskeys",
        "nostr",
        "toot",
        "toots",
        "tweet",
        "twitter",
        "x",
    }
)
WITHOUT_LEAVING = FOR_PROGRAMS | FOR_SCREENS | IN_PUBLIC


class Room(NamedTuple):
    """What one channel takes."""

    form: NotifyFormat
    title: int  # 0: it has no field for it, the title is the first line of the text
    text: int
    lines: int = 0  # 0: any number
    count: Callable[[str], int] = letters
    title_in_text: bool = False
    title_is_marked_up: bool = False
    links_by_itself: bool = False
    is_sms: bool = False
    shows_images: bool = False
    says_how_to_leave: bool = True


_forms: dict[tuple[str, Any], NotifyFormat] = {}


def room_of(scheme: str, plugin: Any, asked: Any = None) -> Room:
    """Give what the channel of this plugin takes; `asked`: the format that its address asks for."""
    wanted = MARKDOWN if scheme in SHOW_MARKDOWN else HTML if scheme in SHOW_HTML else TEXT
    # It takes a while to say the format; most channels of a kind have the same.
    kind = (scheme, asked)
    if kind not in _forms:
        _forms[kind] = plugin.resolve_format(wanted)
    form, title, text = _forms[kind], int(plugin.title_maxlen or 0), int(plugin.body_maxlen)
    is_sms = scheme in SMS and not title  # some can be told to call, or to publish to a topic
    return Room(
        form,
        title,
        SMS_ROOM if is_sms else min(text, LESS.get(scheme, text)),
        lines=int(plugin.body_max_line_count or 0),
        count=COUNT.get(scheme, letters),
        title_in_text=not title or scheme in TITLE_IN_TEXT,
        title_is_marked_up=not title or scheme in TITLE_IS_MARKED_UP,
        links_by_itself=scheme in LINK_BY_THEMSELVES,
        is_sms=is_sms,
        shows_images=form == HTML and scheme not in SHOW_HTML,
        says_how_to_leave=scheme not in WITHOUT_LEAVING,
    )


def fields_for(scheme: str, parts: Mapping[str, Any], message: Message) -> dict[str, str]:
    """Give what else the channel's plugin is made with, so that its notification opens the link.

    Then the link need not be in the text; where the channel's address says what to open, nothing is given.
    """
    field = LINK_FIELDS.get(scheme, "")
    if not field or parts.get(field) or not 0 < len(message.link) <= LONGEST_LINK:
        return {}
    image = {IMAGE_FIELDS[scheme]: message.image} if message.image and scheme in IMAGE_FIELDS else {}
    return {field: message.link, **image}
