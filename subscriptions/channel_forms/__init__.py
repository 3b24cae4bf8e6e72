"""Adding a channel by a form: what to ask for, and the address that is made of the answers.

All of it is made from Apprise's own description of its services; for those that many people use there are
words of our own besides. Nobody writes an address, and what is typed into one field stays in it.
"""

from collections.abc import Mapping

from apprise.plugins import url_to_dict

from subscriptions.address import Address
from subscriptions.channel_forms.compose import compose
from subscriptions.channel_forms.faithful import lost, misread
from subscriptions.channel_forms.filled import Misfilled, read_filled
from subscriptions.channel_forms.forms import Form
from subscriptions.channel_forms.links import LINK, split_link
from subscriptions.channel_forms.mail import MAIL_FORM
from subscriptions.channels import read_address
from subscriptions.errors import Mistake, msgid

__all__ = ["LINK", "MAIL_FORM", "Misfilled", "address_of", "split_link"]


def address_of(form: Form, given: Mapping[str, str]) -> Address:
    """Make a channel's address of what was filled into a form; raises Misfilled, which names the fields."""
    filled = {name: value for name, value in given.items() if value.strip()}
    if form.link and form.link.parts and not filled.keys() & {LINK, *form.link.parts}:
        missing = msgid("%(label)s is missing.")
        raise Misfilled({LINK: Mistake(missing, label=form.link.label)})
    values = read_filled(form, {**split_link(form, given.get(LINK, "").strip()), **filled})
    if form is MAIL_FORM:
        return _mail_address(values["address"])
    text = compose(form, values)
    if name := misread(form, values, url_to_dict):
        sign = msgid("%(label)s has a sign that %(name)s would misread: choose another.")
        raise Misfilled({name: _odd(form, name, sign)})
    address = _read(form, text)
    if name := lost(form, values, address.parts):
        raise Misfilled(
            {name: _odd(form, name, msgid("%(label)s does not look right: copy all of it once more."))}
        )
    return address


def _odd(form: Form, name: str, sentence: str) -> Mistake:
    field = form.field(name)
    return Mistake(sentence, label=field.label if field else name, name=form.name)


def _mail_address(text: str) -> Address:
    try:
        return read_address(text)
    except Mistake:
        like = msgid("%(label)s is no mail address: it looks like ann@reader.example.")
        raise Misfilled({"address": Mistake(like, label=MAIL_FORM.fields[0].label)}) from None


def _read(form: Form, text: str) -> Address:
    try:
        return read_address(text)
    except Mistake:
        check = msgid("%(name)s cannot be reached so: check each field once more.")
        raise Misfilled({"": Mistake(check, name=form.name)}) from None
