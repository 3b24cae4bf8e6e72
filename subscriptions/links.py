"""One spelling for each link, so that the same page is known again whoever links to it. Pure."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

# What sharing and counting tools add; none of it chooses a page.
TRACKING = re.compile(
    r"(utm_\w+|at_\w+|mc_[ce]id|fbclid|gclid|dclid|msclkid|yclid|igshid|cmpid?|ns_\w+|ito|ftag|xtor|taid"
    r"|smid|smtyp|partner|rss|ref|ref_?src|source|cid|icid|ocid|sref|traffic_source|feedtype|feedname|xml)",
    re.IGNORECASE,
)
DEFAULT_PORTS = {"http": 80, "https": 443}


def article_link(link: str) -> str:
    """Give the canonical link of an article; "" also for a site's front page, which is none."""
    key = canonical_link(link)
    return key if urlsplit(key).path or urlsplit(key).query else ""


def canonical_link(link: str) -> str:
    """Give the one spelling of a web address; "" for anything that is not http or https.

    Lower-case host without "www.", no default port, no fragment, no tracking parameters, no slash
    at the end; http counts as https, since publishers serve one page under both.
    """
    try:
        parts = urlsplit(link.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in DEFAULT_PORTS or not host:
        return ""
    place = host.lower().removeprefix("www.").rstrip(".")
    if port and port != DEFAULT_PORTS[parts.scheme.lower()]:
        place += f":{port}"
    kept = [
        pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not TRACKING.fullmatch(pair[0])
    ]
    return urlunsplit(("https", place, parts.path.rstrip("/"), urlencode(kept), ""))
