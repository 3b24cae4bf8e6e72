"""The form of the simplest channel: a mail address, written to by the newsroom's own mail server."""

from subscriptions.channel_forms.described import Part, Service
from subscriptions.channel_forms.fields import Field
from subscriptions.channel_forms.forms import Form
from subscriptions.channel_forms.ways import Way
from subscriptions.channel_forms.words import Said
from subscriptions.channel_kinds import EMAIL
from subscriptions.errors import msgid

SAID = Said(msgid("E-mail address"), "", "ann@reader.example")
NAME = msgid("E-mail")

MAIL_FORM = Form(
    kind=EMAIL,
    service=Service("E-mail", (EMAIL,), (), (), {}, {}, ""),
    way=Way(frozenset(), ()),
    name=NAME,
    about="",
    key="",
    title="",
    fields=(Field("address", SAID, Part("address", "E-mail", kind="email"), kind="email", needed=True),),
)
