"""Adding a channel by a form: what to ask for, and the address that is made of the answers.

All of it is made from Apprise's own description of its services; for those that many people use there are
words of our own besides. Nobody writes an address, and what is typed into one field stays in it.
"""

from collections.abc import Mapping

from apprise.plugins import url_to_dict

from subscriptions.address import Address
from subscriptions.channel_forms.compose import compose
from subscriptions.channel_forms.faithful import misread
from subscriptions.channel_forms.filled import Misfilled, read_filled
from subscriptions.channel_forms.forms import Form
from subscriptions.channel_forms.links import LINK, split_link
from subscriptions.channels import read_address
from subscriptions.errors import Mistake, msgid


def address_of(form: Form, given: Mapping[str, str]) -> Address:
    """Make a channel's address of what was filled into a form; raises Misfilled, which names the fields."""
    filled = {name: value for name, value in given.items() if value.strip()}
    values = read_filled(form, {**split_link(form, given.get(LINK, "").strip()), **filled})
    text = compose(form, values)
    if name := misread(form, values, url_to_dict):
        field = form.field(name)
        label = field.label if field else name
        odd = msgid("%(label)s has a sign that %(name)s would misread: choose another.")
        raise Misfilled({name: Mistake(odd, label=label, name=form.name)})
    try:
        return read_address(text)
    except Mistake:
        check = msgid("%(name)s cannot be reached so: check each field once more.")
        raise Misfilled({"": Mistake(check, name=form.name)}) from None
