"""Which Apprise services and arguments a channel may have.

Apprise trusts whoever writes its URLs; a channel's address is somebody else's. Kinds that act on this
machine, read its files or open whatever they are told are left out, and so are arguments that do (read in
Apprise 2.2.0).
"""

from functools import cache
from typing import Any

from apprise.manager_plugins import NotificationManager

EMAIL = "email"  # an address served by the newsroom's own SMTP server
WEB_PUSH = "webpush"  # a browser's push endpoint; our own plugin, see worker/push/webpush.py

# Of two messages of one thread these show the newer only: sending again rings once.
COLLAPSING_KINDS = frozenset({WEB_PUSH})

# They act on the machine they run on, or send what they are told to anywhere at all.
FORBIDDEN_KINDS = frozenset(
    {
        "apprise",
        "apprises",
        "blink1",
        "dbus",
        "gio",
        "glib",
        "gnome",
        "kde",
        "macosx",
        "qt",
        "rsyslog",
        "syslog",
        "vapid",
        "windows",
    }
)
# Apprise sends to them by libraries that Tocsin does not bring: nobody has seen our messages arrive there.
LACKING_KINDS = {
    "amqp": "pika",
    "amqps": "pika",
    "growl": "gntp",
    "smpp": "smpplib",
    "smpps": "smpplib",
    "xmpp": "slixmpp",
    "xmpps": "slixmpp",
}
# They read files of this machine, or overrule how we connect, wait and try again.
FORBIDDEN_ARGUMENTS = frozenset(
    {
        "attach",
        "cert",
        "cto",
        "emojis",
        "inline",
        "keyfile",
        "overflow",
        "pgpkey",
        "pgpprv",
        "pgpprivkey",
        "pgppub",
        "redirect",
        "retry",
        "rto",
        "store",
        "subfile",
        "template",
        "verify",
        "wait",
    }
)


@cache
def allowed_kinds() -> frozenset[str]:
    """Give the URL schemes of Apprise's own that a channel may have."""
    manager = NotificationManager()
    usable = {scheme for scheme in manager.schemas() if manager[scheme].enabled}
    usable -= FORBIDDEN_KINDS | LACKING_KINDS.keys()
    return frozenset(usable - {WEB_PUSH})  # which is there only where the worker is


def plugin_class(scheme: str) -> Any:
    """Give Apprise's class for a scheme."""
    return NotificationManager()[scheme]
