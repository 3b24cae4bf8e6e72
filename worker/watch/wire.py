"""Reading a feed document of any format. Pure."""

from worker.watch.document import decode, read_tree
from worker.watch.feed import Feed, NotAFeed
from worker.watch.json_feed import read_json_feed
from worker.watch.xml_feed import read_xml_feed


def read_feed(document: bytes, *, url: str = "", content_type: str = "") -> Feed:
    """Read RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, or JSON Feed; raises NotAFeed saying what it is instead.

    `url` is where it was found, for relative links; `content_type` is the server's, for its charset.
    """
    if not document.strip(b" \t\r\n\0"):
        raise NotAFeed("The document is empty.")
    start = document[:400].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")
    if start[:1] in (b"{", b"["):
        return read_json_feed(decode(document, content_type), url)
    tree, cut_off = read_tree(document, content_type)
    return read_xml_feed(tree, url, cut_off=cut_off)
