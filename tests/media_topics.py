"""A few media topics of our own in the forms in which IPTC gives its vocabulary out."""

import json
from typing import Any

WAR, CONFLICT, RIOT, SPORT, FOOTBALL, OLD = (
    "16000000",
    "20000053",
    "20000071",
    "15000000",
    "20001065",
    "20000999",
)
NAMES: dict[str, dict[str, str]] = {
    WAR: {"en-GB": "conflict, war and peace", "de": "Konflikte, Krieg und Frieden", "ar": "صراع وحرب وسلام"},
    CONFLICT: {"en-GB": "armed conflict", "de": "bewaffneter Konflikt", "fr": "conflit armé"},
    RIOT: {"en-GB": "guerrilla warfare", "de": "Guerillakrieg", "fr": "guérilla"},
    SPORT: {"en-GB": "sport", "de": "Sport", "fr": "sport"},
    FOOTBALL: {"en-GB": "football", "de": "Fußball", "fr": "football"},
    OLD: {"en-GB": "street football", "de": "Straßenfußball"},
}
BROADER = {CONFLICT: WAR, RIOT: CONFLICT, FOOTBALL: SPORT, OLD: FOOTBALL}
SCHEME = "http://cv.iptc.org/newscodes/mediatopic/"


def as_json(names: dict[str, dict[str, str]] | None = None) -> bytes:
    """IPTC's own JSON: some name what is broader, some only what is narrower."""
    concepts: list[dict[str, Any]] = []
    for code, labels in (names or NAMES).items():
        concept: dict[str, Any] = {
            "uri": f"{SCHEME}{code}",
            "qcode": f"medtop:{code}",
            "type": ["http://www.w3.org/2004/02/skos/core#Concept"],
            "inScheme": [SCHEME],
            "modified": "2021-02-18T12:00:00+00:00",
            "prefLabel": labels,
            "definition": {"en-GB": "Made up for a test."},
            "narrower": [f"medtop:{below}" for below, above in BROADER.items() if above == code],
        }
        if code in BROADER and code != FOOTBALL:
            concept["broader"] = [f"{SCHEME}{BROADER[code]}"]
        if code == OLD:
            concept["retired"] = "2019-06-01T12:00:00+00:00"
        concepts.append(concept)
    scheme = {"uri": SCHEME, "prefSchemeAlias": "medtop", "dateReleased": "2024-11-05T12:00:00+00:00"}
    return json.dumps(scheme | {"conceptSet": concepts}, ensure_ascii=False).encode()


def as_json_ld() -> bytes:
    """JSON-LD with prefixes, as a graph."""
    graph: list[dict[str, Any]] = [{"@id": SCHEME, "@type": "skos:ConceptScheme"}]
    for code, labels in NAMES.items():
        concept: dict[str, Any] = {
            "@id": f"{SCHEME}{code}",
            "@type": "skos:Concept",
            "skos:prefLabel": [{"@language": key, "@value": name} for key, name in labels.items()],
        }
        if code in BROADER:
            concept["skos:broader"] = {"@id": f"{SCHEME}{BROADER[code]}"}
        if code == OLD:
            concept["owl:deprecated"] = {"@type": "xsd:boolean", "@value": "true"}
        graph.append(concept)
    return json.dumps({"@context": {}, "@graph": graph}, ensure_ascii=False).encode()


def as_rdf_xml() -> bytes:
    """RDF/XML."""
    concepts = []
    for code, labels in NAMES.items():
        said = [f'<skos:prefLabel xml:lang="{key}">{name}</skos:prefLabel>' for key, name in labels.items()]
        if code in BROADER:
            said.append(f'<skos:broader rdf:resource="{SCHEME}{BROADER[code]}"/>')
        if code == OLD:
            said.append("<iptc:retired>2019-06-01T12:00:00+00:00</iptc:retired>")
        concepts.append(f'<rdf:Description rdf:about="{SCHEME}{code}">{"".join(said)}</rdf:Description>')
    return f"""<?xml version="1.0" encoding="UTF-8"?>
        <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:iptc="http://example/iptc#"
            xmlns:skos="http://www.w3.org/2004/02/skos/core#">{"".join(concepts)}</rdf:RDF>""".encode()
