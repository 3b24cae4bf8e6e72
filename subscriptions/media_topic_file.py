"""IPTC's Media Topics in a file as IPTC gives it out: its own JSON, JSON-LD or RDF/XML. Pure."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from subscriptions.errors import Mistake
from subscriptions.queries.media_topics import asked_code

_WANTED = "give the file that https://cv.iptc.org/newscodes/mediatopic/ gives out as JSON, JSON-LD or RDF/XML"
_FALSE = {"", "false", "0", "no"}
_LAST = re.compile(r"[^#/:@]*$")  # what is left of "skos:prefLabel", "@id" or "http://.../core#broader"
_RESOURCE = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource"
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(slots=True)
class ListedMediaTopic:
    """A media topic as a file lists it."""

    code: str
    broader: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    retired: bool = False


def read_media_topics(document: bytes, file: str) -> list[ListedMediaTopic]:
    """Read all media topics of a file, in its order; raises Mistake where there are none."""
    is_xml = document.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    concepts = _of_xml(document, file) if is_xml else _of_json(document, file)
    topics: dict[str, ListedMediaTopic] = {}
    narrower: defaultdict[str, list[str]] = defaultdict(list)  # a topic to those whose narrower one it is
    for concept in concepts:
        if (topic := _topic(concept)) is None:
            continue
        topics[topic.code] = topic
        for code in _codes(concept.get("narrower")):
            narrower[code].append(topic.code)
    if not topics:
        raise Mistake(f"{file} lists no media topic: {_WANTED}.")
    for topic in topics.values():
        topic.broader = sorted({*topic.broader, *narrower[topic.code]} - {topic.code})
    return list(topics.values())


def _topic(concept: Mapping[str, Any]) -> ListedMediaTopic | None:
    named = (code for key in ("qcode", "uri", "id", "about") for code in _codes(concept.get(key)))
    code, labels = next(named, ""), dict(_labels(concept.get("prefLabel")))
    if not code or not labels:
        return None
    retired = any(_is_true(concept.get(key)) for key in ("retired", "deprecated"))
    return ListedMediaTopic(code, _codes(concept.get("broader")), labels, retired)


def _is_true(value: Any) -> bool:
    """Whether something is said to be so; IPTC gives the day since when."""
    if isinstance(value, list):
        return any(map(_is_true, value))
    if isinstance(value, Mapping):
        return _is_true(_plain(value).get("value"))
    return value is not None and str(value).strip().lower() not in _FALSE


def _codes(value: Any) -> list[str]:
    """Give the codes of what a property names, by code or address, one or several."""
    if isinstance(value, str):
        return [code] if (code := asked_code(value.strip())) else []
    if isinstance(value, Mapping):
        plain = _plain(value)
        return _codes(plain.get("id") or plain.get("uri") or plain.get("qcode"))
    return [code for each in value for code in _codes(each)] if isinstance(value, list) else []


def _labels(value: Any) -> Iterator[tuple[str, str]]:
    """Give the names, by language; one without a language is English, as IPTC's own are."""
    if isinstance(value, str):
        yield "en", value.strip()
    elif isinstance(value, list):
        for each in value:
            yield from _labels(each)
    elif isinstance(value, Mapping):
        plain = _plain(value)
        if isinstance(plain.get("value"), str):
            yield str(plain.get("language") or "en"), plain["value"].strip()
        else:
            yield from ((str(language), name.strip()) for language, name in value.items() if _is_name(name))


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and name.strip() != ""


def _plain(value: Mapping[str, Any]) -> dict[str, Any]:
    return {_last(key): each for key, each in value.items()}


def _last(name: str) -> str:
    found = _LAST.search(name)
    return found[0] if found else name


def _of_json(document: bytes, file: str) -> Iterator[dict[str, Any]]:
    try:
        read = json.loads(document.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Mistake(f"{file} is no JSON ({str(error).splitlines()[0]}): {_WANTED}.") from None
    if isinstance(read, Mapping):
        read = read.get("conceptSet") or read.get("@graph") or read.get("graph") or []
    concepts = read.values() if isinstance(read, Mapping) else read if isinstance(read, list) else ()
    return (_plain(concept) for concept in concepts if isinstance(concept, Mapping))


def _of_xml(document: bytes, file: str) -> Iterator[dict[str, Any]]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise Mistake(f"{file} is no XML ({error.msg}): {_WANTED}.") from None
    return (_concept(element) for element in root.iter(etree.Element) if element.get(_ABOUT))


def _concept(element: "etree._Element") -> dict[str, Any]:
    """Give an element's properties as JSON-LD would have them."""
    concept: dict[str, Any] = {"about": element.get(_ABOUT)}
    for child in _elements(element):
        name = etree.QName(child).localname
        said = child.get(_RESOURCE) or {"value": child.text or "", "language": child.get(_LANGUAGE) or ""}
        concept.setdefault(name, []).append(said)
    return concept


def _elements(element: "etree._Element") -> "Iterable[etree._Element]":
    return element.iterchildren(etree.Element)
