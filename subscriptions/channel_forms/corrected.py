"""Where Apprise's description of a service says less than its plugin asks for, as read in Apprise 2.2.0."""

from subscriptions.channel_forms.words import Said, Words

HEX_64_OR = "^([0-9A-Fa-f]{{64}}|{}[a-z0-9]{{58}})$"
UUID = "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"
HEX_64 = "^[0-9A-Fa-f]{64}$"
CALL_SIGN = Said("Call sign to tell", "", "DF1ABC", "^[0-9A-Za-z]{1,2}[0-9][A-Za-z0-9]{1,3}(-[0-9]{1,2})?$")
LOGIN = Said("User name")

CORRECTED: dict[str, Words] = {
    "aprs": Words(
        "APRS",
        said={
            "user": Said("Your call sign", "", "DF1ABC", CALL_SIGN.pattern),
            "password": Said("Your passcode", "Five digits.", "12345", "^[0-9]{5}$"),
            "target_callsign": CALL_SIGN,
        },
    ),
    "azure": Words(
        "Office 365",
        said={
            "source": Said("Mail address it is sent from", "", "ann@news.example"),
            "tenant": Said("Tenant", "The directory's ID in the app's overview."),
        },
        needs=("tenant",),
    ),
    "dapnet": Words("DAPNET", said={"target_callsign": CALL_SIGN}),
    "deltachat": Words("Delta Chat", asks=("smtp", "from", "mode"), needs=("targets", "user", "password")),
    "emby": Words("Emby", said={"user": LOGIN}, needs=("user", "password")),
    "flowtriq": Words("Flowtriq", said={"path": Said("Path of the webhook", "", "hooks/news")}),
    "goalert": Words("GoAlert", said={"targets": Said("Integration key", "", "0a1b2c3d-…", UUID)}),
    "groupme": Words("GroupMe", said={"bot_id": Said("ID of the bot", "", "", "^[A-Za-z0-9]+$")}),
    "humhub": Words(
        "HumHub",
        said={"targets": Said("Number of the space", "", "7", r"^[1-9][0-9]{0,17}$")},
        needs=("targets",),
    ),
    "jellyfin": Words("Jellyfin", said={"user": LOGIN}, needs=("user", "password")),
    "nostr": Words(
        "Nostr",
        said={
            "secret_key": Said(
                "Secret key", "Of an account made for the alerts.", "nsec1…", HEX_64_OR.format("nsec1")
            ),
            "target_user": Said("Public key of the person", "", "npub1…", HEX_64_OR.format("npub1")),
        },
        needs=("targets",),
    ),
    "pagertree": Words(
        "PagerTree",
        said={"integration": Said("ID of the integration", "", "int_0123456789", "^int_[A-Za-z0-9]{7,14}$")},
    ),
    "pushed": Words(
        "Pushed",
        templates=(
            "{schema}://{app_key}/{app_secret}",
            "{schema}://{app_key}/{app_secret}/{targets}",
        ),
    ),
    "sendpulse": Words("SendPulse", needs=("client_id", "targets")),
    "sinch": Words("Sinch", said={"region": Said("Region of your account", "us or eu", "us", "^(us|eu)$")}),
    "session": Words(
        "Session",
        said={
            "user": Said("Public key of the server", "64 digits and letters a to f.", "", HEX_64),
            "password": Said("Seed of the sender", "64 digits and letters a to f.", "", HEX_64),
            "targets": Said("Room", "", "newsroom"),
        },
    ),
}
