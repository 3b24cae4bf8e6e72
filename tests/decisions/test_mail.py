"""What a mail says: read back by the standard library's own parser."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from worker.errors import Refused
from worker.push.compose import TITLE_LIMIT, Message, one_line
from worker.push.mail import Sender, write

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOST = "news.example"
HERALD = Sender("alerts@news.example", "Island Herald")
LEAVE = "https://news.example/unsubscribe/abc"
STORM = Message(
    "Storm closes the harbour", "Nobody was hurt.", "https://news.example/1", "Herald · You follow Storms",
    leave=LEAVE, language="en", thread="story-1",
)  # fmt: skip
HEADERS = {
    "from", "to", "subject", "date", "message-id", "mime-version", "content-type", "content-language",
    "list-id", "list-unsubscribe", "list-unsubscribe-post", "auto-submitted", "in-reply-to", "references",
    "x-priority", "importance", "reply-to",
}  # fmt: skip
ANYTHING = st.text(max_size=400)


def read(message: Message, to: str = "ann@news.example", sender: Sender = HERALD) -> EmailMessage:
    mail = message_from_bytes(write(message, sender, to, HOST, NOW).content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def part(mail: EmailMessage, kind: str) -> str:
    (found,) = [each for each in mail.walk() if each.get_content_type() == kind]
    content: str = found.get_content()
    return content.replace("\r\n", "\n")


def test_a_mail_has_text_and_page_and_says_who_when_and_to_whom() -> None:
    mail = read(STORM)
    assert mail["From"] == "Island Herald <alerts@news.example>"
    assert (mail["To"], mail["Subject"]) == ("ann@news.example", "Storm closes the harbour")
    assert parsedate_to_datetime(mail["Date"]) == NOW
    assert mail.get_content_type() == "multipart/alternative"
    assert [each.get_content_type() for each in mail.iter_parts()] == ["text/plain", "text/html"]
    assert STORM.body in part(mail, "text/plain")


def test_a_mail_can_be_left_by_one_click_and_asks_machines_not_to_answer() -> None:
    mail = read(STORM)
    assert mail["List-Unsubscribe"] == f"<{LEAVE}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Id"] == "<alerts.news.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    asks = read(replace(STORM, leave=""))
    assert asks["List-Unsubscribe"] is None
    assert asks["Auto-Submitted"] == "auto-generated"


def test_the_mails_of_one_story_form_a_thread_of_each_readers_own() -> None:
    first, second, third = (read(replace(STORM, version=version)) for version in (1, 2, 3))
    assert first["References"] is None
    assert second["In-Reply-To"] == second["References"] == third["References"] == first["Message-ID"]
    assert len({each["Message-ID"] for each in (first, second, third)}) == 3
    assert read(STORM)["Message-ID"] == first["Message-ID"], "a second attempt is the same mail"
    assert read(STORM, to="bob@news.example")["Message-ID"] != first["Message-ID"]
    assert "ann" not in first["Message-ID"]


def test_only_what_is_urgent_says_so() -> None:
    assert read(STORM)["X-Priority"] is None
    urgent = read(replace(STORM, urgent=True))
    assert (urgent["X-Priority"], urgent["Importance"]) == ("1", "high")


def test_a_page_is_escaped_and_follows_the_readers_script() -> None:
    told = read(replace(STORM, title="<script>alert(1)</script> & co", text='"><img src=x onerror=y>'))
    page = html.document_fromstring(part(told, "text/html"))
    assert page.xpath("//script | //@onerror | //img") == []
    assert page.xpath("string(//h1)") == "<script>alert(1)</script> & co"
    assert page.xpath("//h1/a/@href") == [STORM.link]
    hebrew = read(replace(STORM, title="סערה סוגרת את הנמל", text="איש לא נפגע.", language="he"))
    page = html.document_fromstring(part(hebrew, "text/html"))
    assert (page.get("lang"), page.get("dir")) == ("he", "rtl")


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "https://a b/", 'https://n.example/"onclick=x', "data:x"]
)
def test_an_address_that_is_no_web_address_is_no_link(link: str) -> None:
    page = html.document_fromstring(part(read(replace(STORM, link=link, image=link)), "text/html"))
    assert page.xpath("//h1/a | //img | //@onclick") == []


@given(title=ANYTHING, text=ANYTHING, note=ANYTHING, name=st.text(max_size=100))
def test_whatever_a_feed_says_no_header_can_be_added_and_all_can_be_read(
    title: str, text: str, note: str, name: str
) -> None:
    mail = read(replace(STORM, title=title, text=text, note=note), sender=replace(HERALD, name=name))
    assert {header.lower() for header in mail.keys()} <= HEADERS  # noqa: SIM118 - it has doubles
    assert len(mail.keys()) == len(set(mail.keys()))
    said = one_line(title, TITLE_LIMIT).encode("utf-8", "replace").decode()
    assert " ".join(str(mail["Subject"]).split()) == " ".join(said.split())
    assert mail.defects == []
    assert [address.addr_spec for address in mail["From"].addresses] == [HERALD.address]
    assert LEAVE in part(mail, "text/plain")
    assert html.document_fromstring(part(mail, "text/html")).xpath("//footer//a/@href") == [LEAVE]


@given(title=st.text(alphabet="\r\n\t :,;<>@=?_\u2028\x00abcBc", max_size=80))
def test_a_title_of_line_ends_and_headers_stays_a_title(title: str) -> None:
    raw = write(replace(STORM, title=title), HERALD, "ann@news.example", HOST, NOW).content
    head = raw.split(b"\r\n\r\n")[0]
    assert all(len(line) < 998 for line in raw.split(b"\r\n"))
    assert b"\nBcc" not in head
    assert b"\n" not in head.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "address",
    ["", "ann", "a@b@c.example", "ann@news.example\r\nBcc: x@y.example", "ann@-", "<ann@n.example>"],
)
def test_what_is_no_mail_address_is_refused(address: str) -> None:
    with pytest.raises(Refused):
        write(STORM, HERALD, address, HOST, NOW)


def test_an_international_domain_is_written_in_ascii_and_an_international_name_is_noted() -> None:
    assert write(STORM, HERALD, "ann@bücher.example", HOST, NOW).recipient == "ann@xn--bcher-kva.example"
    assert write(STORM, HERALD, "jürgen@bücher.example", HOST, NOW).international
