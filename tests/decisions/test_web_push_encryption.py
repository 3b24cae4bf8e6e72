"""Encryption of web pushes: as RFC 8291 has it, and nobody but the browser reads it."""

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.base64url import decode, encode
from tests.browser_keys import CURVE, Subscribed
from worker.push.aes128gcm import ROOM, encrypt

BROWSER = Subscribed()


def private_key(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(decode(text), "big"), CURVE)


def test_the_example_of_rfc_8291_comes_out_bit_for_bit() -> None:
    body = encrypt(
        b"When I grow up, I want to be a watermelon",
        receiver=decode(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        ),
        auth=decode("BTBZMqHH6r4Tts7J_aSIgg"),
        salt=decode("DGv6ra1nlYgDCS1FRnbzlw"),
        sender=private_key("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
    )
    assert encode(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8"
        "wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_the_browser_of_the_example_reads_it() -> None:
    browser = Subscribed(
        private=private_key("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"),
        auth=decode("BTBZMqHH6r4Tts7J_aSIgg"),
    )
    assert browser.opens(encrypt(b"watermelon", browser.public, browser.auth)) == b"watermelon"


@given(st.binary(max_size=ROOM))
def test_the_browser_reads_what_was_sent_in_a_body_every_push_service_takes(plaintext: bytes) -> None:
    body = encrypt(plaintext, BROWSER.public, BROWSER.auth)
    assert BROWSER.opens(body) == plaintext
    assert len(body) <= 4096


def test_a_full_message_fills_the_body_and_a_byte_more_is_refused() -> None:
    assert len(encrypt(b"a" * ROOM, BROWSER.public, BROWSER.auth)) == 4096
    with pytest.raises(ValueError, match="3993"):
        encrypt(b"a" * (ROOM + 1), BROWSER.public, BROWSER.auth)


def test_no_two_messages_share_a_salt_or_a_senders_key() -> None:
    headers = [encrypt(b"same", BROWSER.public, BROWSER.auth)[:86] for _ in range(20)]
    assert len({header[:16] for header in headers}) == len({header[21:] for header in headers}) == 20


@pytest.mark.parametrize("place", [0, 30, 90, -1])
def test_a_message_tampered_with_is_not_read(place: int) -> None:
    body = bytearray(encrypt(b"Storm", BROWSER.public, BROWSER.auth))
    body[place] ^= 1
    with pytest.raises((InvalidTag, ValueError)):
        BROWSER.opens(bytes(body))


def test_another_browser_does_not_read_it() -> None:
    with pytest.raises(InvalidTag):
        Subscribed(auth=BROWSER.auth).opens(encrypt(b"Storm", BROWSER.public, BROWSER.auth))
