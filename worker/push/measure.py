"""How services count the length of a text. Pure."""

# 3GPP TS 23.038, 6.2.1: letters of seven bits, and those that take two.
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE = frozenset("^{}\\[~]|€")
GSM_PART, OTHER_PART = 153, 67  # letters in each part of a long SMS
PLAIN = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "‚": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "–": "-",
        "—": "-",
        "…": "...",
        "·": "-",
        "\xa0": " ",
    }
)
# X counts these as one, others (Chinese, emoji) as two; twitter-text's configuration v3.
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))


def letters(text: str) -> int:
    """Count code points."""
    return len(text)


def utf16(text: str) -> int:
    """Count units of UTF-16: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf8(text: str) -> int:
    """Count bytes of UTF-8."""
    return len(text.encode("utf-8", "replace"))


def septets(text: str) -> int:
    """Count letters of an SMS; in an alphabet that GSM has not, a part holds fewer, so each counts more."""
    if set(text) <= GSM | GSM_TWICE:
        return len(text) + sum(letter in GSM_TWICE for letter in text)
    return -(-utf16(text) * GSM_PART // OTHER_PART)


def weighed(text: str) -> int:
    """Count as X does, but for links, which it counts as 23 at most."""
    return sum(1 if any(first <= ord(letter) <= last for first, last in LIGHT) else 2 for letter in text)


def in_sms_letters(text: str) -> str:
    """Write quotation marks and dashes as SMS has them: any other makes the whole message twice as long."""
    return text.translate(PLAIN)
