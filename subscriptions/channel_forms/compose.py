"""Writing an Apprise address of what was filled into a form.

Each value is quoted for the place it stands in, so that what is typed into one field stays in it.
"""

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, quote

from subscriptions.channel_forms.fields import PATHS, Field
from subscriptions.channel_forms.filled import Misfilled
from subscriptions.channel_forms.forms import Form
from subscriptions.channel_forms.placed import placed
from subscriptions.channel_forms.server import Server, read_server
from subscriptions.channel_forms.ways import best_template, names_in
from subscriptions.errors import Mistake, msgid

QUERY = frozenset(
    {"json", "jsons", "form", "forms", "xml", "xmls"}
)  # whose addresses may have one of their own


def compose(form: Form, values: Mapping[str, str]) -> str:
    """Write the address; raises Misfilled where the parts do not go together. It is secret: never log it."""
    server = _server(form, values)
    parts = {name: value for name, value in _parts(form, values) if name not in form_arguments(form)}
    if server is not None:
        parts |= _of_server(form, server)
    template = _template(form, parts)
    kind = _kind(form, encrypted=server is None or server.encrypted is not False)
    written = placed(template, kind, parts, form.fields)
    arguments = [*_arguments(form, values), *_query(kind, server)]
    if not arguments:
        return written
    return f"{written}{'&' if '?' in template else '?'}{'&'.join(arguments)}"


def form_arguments(form: Form) -> frozenset[str]:
    """Name the fields that become arguments, not parts."""
    return frozenset(each.name for each in form.fields if each.part.name not in _all_parts(form)) - {"server"}


def _all_parts(form: Form) -> frozenset[str]:
    whole = form.service.parts.get("targets")
    return frozenset({*form.way.names, *(whole.sorts if whole and "targets" in form.way.names else ())})


def _server(form: Form, values: Mapping[str, str]) -> Server | None:
    field = form.field("server")
    if field is None:
        return None
    try:
        example = field.said.example
        server = read_server(values["server"], example, form.service.plain, form.service.secure)
        _check_server(form, server)
    except Mistake as mistake:
        raise Misfilled({"server": mistake}) from None
    return server


def _check_server(form: Form, server: Server) -> None:
    if server.encrypted is False and not form.service.plain:
        raise Mistake(msgid("%(name)s is reached by https:// only."), name=form.name)
    if server.path and not _path_name(form):
        raise Mistake(msgid("This address has a path, which does not belong there: leave it out."))
    if server.query and form.kind not in QUERY:
        raise Mistake(msgid("This address goes on after a question mark: leave that out."))


def _of_server(form: Form, server: Server) -> dict[str, str]:
    found = {"host": server.host}
    if server.port is not None:
        found["port"] = str(server.port)
    if server.path:
        found[_path_name(form)] = "/".join(server.path)
    return found


def _path_name(form: Form) -> str:
    """Name the part that the path of a server's address becomes; "" where it may have none."""
    names = (each for each in PATHS if each in form.way.names and form.field(each) is None)
    return next(names, "")


def _parts(form: Form, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for field in form.fields:
        value = values.get(field.name)
        if value is None or field.name == "server":
            continue
        named = field.name not in form.way.names and field.of_targets
        yield ("targets" if named else field.name), _marked(field, value)


def _marked(field: Field, value: str) -> str:
    return (
        value
        if (field.kind == "phone" and value.startswith("+")) or not _has_mark(field)
        else field.part.prefix + value
    )


def _has_mark(field: Field) -> bool:
    return field.of_targets and field.part.prefix != "" and field.kind != "phone"


def _template(form: Form, parts: Mapping[str, str]) -> str:
    filled = frozenset(parts)
    template = best_template(form.way, filled)
    names = frozenset(names_in(template))
    if lacking := [each for each in form.fields if each.name in names - filled]:
        needed = msgid("%(label)s is needed with what else you filled in.")
        raise Misfilled({each.name: Mistake(needed, label=each.label) for each in lacking})
    if surplus := [each for each in form.fields if _becomes(form, each) in filled - names]:
        alone = msgid("%(label)s does not go with what else you filled in.")
        raise Misfilled({each.name: Mistake(alone, label=each.label) for each in surplus})
    return template


def _becomes(form: Form, field: Field) -> str:
    return "targets" if field.of_targets and field.name not in form.way.names else field.name


def _kind(form: Form, *, encrypted: bool) -> str:
    """Give the kind of channel: the one asked for, or its pair that speaks encrypted or not."""
    service = form.service
    wanted = (service.secure if encrypted else service.plain) or service.kinds
    if form.kind in wanted:
        return form.kind
    asked = service.plain if form.kind in service.plain else service.secure
    at = asked.index(form.kind)
    return wanted[at] if len(wanted) == len(asked) else wanted[0]


def _arguments(form: Form, values: Mapping[str, str]) -> Iterator[str]:
    for name, value in form.fixed:
        yield f"{name}={quote(value, safe='')}"
    for name in sorted(form_arguments(form) & values.keys()):
        if name == "headers":
            yield from (_pair("+", *line.split(": ", 1)) for line in values[name].splitlines())
        else:
            yield f"{name}={quote(values[name], safe='')}"


def _query(kind: str, server: Server | None) -> Iterator[str]:
    if server is not None and kind in QUERY:
        yield from (
            _pair("-", name, value) for name, value in parse_qsl(server.query, keep_blank_values=True)
        )


def _pair(mark: str, name: str, value: str) -> str:
    return f"{mark}{quote(name, safe='')}={quote(value, safe='')}"
