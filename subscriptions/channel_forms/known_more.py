"""What forms say of more services: webhooks, brokers, text messages, mail and social networks."""

from subscriptions.channel_forms.words import Link, Said, Words
from subscriptions.errors import msgid

WEBHOOK = Said(
    "Address of the webhook", "Begin with http:// only if it has no https.", "https://hooks.example/alerts"
)
HEADERS = Said("Headers", "One a line, with a colon.", "Authorization: Bearer …")
LOGINS = ("", "{user}@", "{user}:{password}@")
WITH_PATH = tuple(
    f"{{schema}}://{login}{{host}}{port}{path}"
    for path in ("", "/{fullpath}")
    for login in LOGINS
    for port in ("", ":{port}")
)
TO = Said("Phone number to tell", "With the country's code.", "+15555550101")
FROM = Said("Number it is sent from", "One that the service gave you.", "+15555550100")


def _webhook(name: str, about: str) -> Words:
    said = {
        "server": WEBHOOK,
        "user": Said("User name", "Only where the webhook asks for one."),
        "headers": HEADERS,
        "method": Said("Method"),
    }
    return Words(name, about, said=said, asks=("method", "headers"), templates=WITH_PATH)


MORE: dict[str, Words] = {
    "json": _webhook(msgid("Webhook (JSON)"), "Each alert is sent to an address of yours, as JSON."),
    "form": _webhook(msgid("Webhook (form)"), "Each alert is sent to an address of yours, as a web form."),
    "xml": _webhook(msgid("Webhook (XML)"), "Each alert is sent to an address of yours, as XML."),
    "mqtt": Words(
        "MQTT",
        "Each alert is published to a topic of your broker.",
        said={
            "topic": Said("Topic", "", "news/breaking"),
            "user": Said("User name", "Only where the broker asks for one."),
            "client_id": Said("Name of the client", "Only where the broker asks for a certain one."),
            "retain": Said("Kept by the broker", "Who subscribes later gets the last alert at once."),
        },
        asks=("qos", "retain", "client_id"),
        slashes=("topic",),
        templates=tuple(
            f"{{schema}}://{login}{{host}}{port}/{{topic}}" for login in LOGINS for port in ("", ":{port}")
        ),
    ),
    "twilio": Words(
        msgid("Text message by Twilio"),
        "On twilio.com copy the account SID and the auth token of your account, and a number you have there.",
        said={
            "account_sid": Said("Account SID", "It begins with AC.", "AC0123456789abcdef…"),
            "auth_token": Said("Auth token"),
            "from_phone": FROM,
            "target_phone": TO,
        },
        asks=("method",),
        needs=("targets",),
    ),
    "clicksend": Words(
        msgid("Text message by ClickSend"),
        "On clicksend.com open Developers, API Credentials.",
        said={"apikey": Said("API key"), "target_phone": TO},
    ),
    "vonage": Words(
        msgid("Text message by Vonage"),
        "On dashboard.nexmo.com copy the API key and secret of your account.",
        said={"from_phone": FROM, "target_phone": TO},
        needs=("targets",),
    ),
    "whatsapp": Words(
        "WhatsApp",
        "For a business account: copy its token and the number's own number from Meta's page.",
        said={
            "from_phone_id": Said("Number of the sending phone number", "", "1234567890"),
            "template": Said("Template", "The name of the approved template to write with."),
            "target_phone": TO,
        },
    ),
    "threema": Words(
        "Threema",
        "On gateway.threema.ch copy your gateway ID and its secret.",
        said={
            "gateway_id": Said("Gateway ID", "It begins with a star.", "*NEWS001", r"^\*[A-Za-z0-9]{7}$"),
            "target_threema_id": Said("Threema ID to tell", "", "ABCD1234", "^[A-Za-z0-9]{8}$"),
            "target_phone": TO,
        },
    ),
    "bark": Words(
        "Bark",
        "Open the Bark app; its address shows the server and your device's key.",
        said={"target_device": Said("Key of the device")},
        asks=("level", "sound", "volume"),
    ),
    "prowl": Words("Prowl", "On prowlapp.com open API Keys, and make one.", asks=("priority",)),
    "simplepush": Words(
        "Simplepush",
        "The Simplepush app shows your key.",
        said={"token": Said("Key"), "password": Said("Password for encryption", "Only if you set one.")},
        leaves_out=("target_member",),
    ),
    "line": Words(
        "LINE",
        "In LINE's developer console make a Messaging API channel and copy its access token.",
        said={"target_user": Said("Number of the person", "It begins with U.", "U0123456789abcdef…")},
    ),
    "viber": Words("Viber", "Make a bot on partners.viber.com and copy its token."),
    "webex": Words(
        "Webex",
        "Add the app Incoming Webhooks to the space and copy the webhook's address, or use a bot's token.",
        said={"token": Said("Code of the webhook"), "targets": Said("Number of the space")},
        ways={"token": "By a webhook", "access_token": "By a bot"},
        fixed={"access_token": {"mode": "bot"}},
        links=Link(
            "Address of the webhook",
            "https://webexapis.com/v1/webhooks/incoming/…",
            ("token",),
            ("webexapis.com",),
        ),
    ),
    "lark": Words(
        "Lark",
        "In the group's settings add a custom bot, and copy the webhook's address.",
        links=Link(
            "Address of the webhook",
            "https://open.larksuite.com/open-apis/bot/v2/hook/…",
            ("token",),
            ("open.larksuite.com", "open.feishu.cn"),
        ),
    ),
    "mastodons": Words(
        "Mastodon",
        "In Mastodon open Preferences, Development; add an application and copy its access token.",
        said={"token": Said("Access token"), "target_user": Said("Person", "Who is told.", "ann")},
        asks=("visibility", "language"),
    ),
    "bluesky": Words(
        "Bluesky",
        "In Bluesky open Settings, App passwords, and make one: each alert becomes a post.",
        said={"user": Said("Handle", "", "news.bsky.example"), "password": Said("App password")},
    ),
    "irc": Words(
        "IRC",
        "Each alert is said in a channel, or to a person.",
        said={"user": Said("Nickname"), "target_user": Said("Person", "", "ann")},
        asks=("mode",),
    ),
    "ifttt": Words(
        "IFTTT",
        "Add the service Webhooks on ifttt.com, and copy your key from its settings.",
        said={"webhook_id": Said("Key"), "events": Said("Event", "As you named it.", "breaking_news")},
        links=Link("Your address", "https://maker.ifttt.com/use/…", ("webhook_id",), ("maker.ifttt.com",)),
    ),
    "mailto": Words(
        msgid("Mail by a server of your own"),
        "For mail through a mail server where you have an account.",
        said={
            "user": Said("User name"),
            "host": Said("Domain of the sender", "What follows the @ in its mail address.", "news.example"),
            "target_email": Said("Mail address to tell", "", "ann@reader.example"),
            "smtp": Said("Mail server", "Where it is not known by the domain.", "smtp.news.example"),
            "from": Said("Mail address it is sent from", "", "ann@news.example"),
            "mode": Said("Encryption"),
        },
        asks=("smtp", "from", "mode"),
        needs=("targets", "user", "password"),
    ),
}
