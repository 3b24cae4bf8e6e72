"""What forms say of the services that most people use, in the order they are offered."""

from subscriptions.channel_forms.known_more import MORE
from subscriptions.channel_forms.words import Link, Said, Words

KNOWN: dict[str, Words] = {
    "ntfy": Words(
        "ntfy",
        "Choose a topic nobody can guess, and subscribe to it in the ntfy app.",
        said={
            "topic": Said("Topic", "As you named it in the app.", "ann-news-7f3k"),
            "user": Said("User name", "Only where your server asks for one."),
            "token": Said("Access token", "In place of a user name and password.", "tk_…"),
        },
        ways={"topic": "On ntfy.sh", "host": "On a server of your own"},
        asks=("priority",),
        links=Link("Link of the topic", "https://ntfy.sh/ann-news-7f3k", (), ("ntfy.sh",)),
    ),
    "tgram": Words(
        "Telegram",
        "In Telegram write /newbot to @BotFather, copy the token, then write anything to your new bot.",
        said={
            "bot_token": Said(
                "Token of the bot", "What @BotFather gave you.", "123456789:AbCdEfGhIjKlMnOpQrStUvWxYz"
            ),
            "target_user": Said(
                "Number of the chat",
                "Yours, as @userinfobot tells you; a group's begins with a minus.",
                "987654321",
            ),
            "topic": Said("Number of the topic", "Only in groups that have topics."),
            "silent": Said("Without a sound"),
        },
        asks=("topic", "silent"),
        needs=("targets",),
    ),
    "discord": Words(
        "Discord",
        "In Discord open the channel's settings, Integrations, Webhooks; make one and copy its address.",
        said={
            "webhook_id": Said("Number of the webhook", "", "012345678901234567"),
            "webhook_token": Said("Token of the webhook", "The last part of the webhook's address."),
            "thread": Said("Number of the thread", "Only to ring in a thread of the channel."),
        },
        asks=("thread",),
        links=Link(
            "Address of the webhook",
            "https://discord.com/api/webhooks/0123456789/AbCdEf…",
            ("webhook_id", "webhook_token"),
            ("discord.com", "discordapp.com"),
        ),
    ),
    "slack": Words(
        "Slack",
        "In Slack add the app Incoming WebHooks to a channel, and copy the webhook's address.",
        said={
            "token_a": Said("First part of the webhook", "It begins with T.", "T0123ABCD"),
            "token_b": Said("Second part of the webhook", "It begins with B.", "B0123ABCD"),
            "token_c": Said("Third part of the webhook", "The last and longest."),
            "access_token": Said("Token of the bot", "From the app's page OAuth & Permissions.", "xoxb-…"),
            "target_channels": Said("Channel", "", "news"),
            "target_user": Said("Person", "Their name in Slack.", "ann"),
            "target_encoded_id": Said("Number of the channel or person", "", "C0123ABCD"),
        },
        ways={"token_a": "By a webhook", "access_token": "By a bot"},
        links=Link(
            "Address of the webhook",
            "https://hooks.slack.com/services/T…/B…/…",
            ("token_a", "token_b", "token_c"),
            ("hooks.slack.com",),
        ),
        needs=("targets:access_token",),
        leaves_out=(  # a webhook of today tells its own channel only
            "botname:token_a",
            "target_channels:token_a",
            "target_email:token_a",
            "target_encoded_id:token_a",
            "target_user:token_a",
        ),
    ),
    "signal": Words(
        "Signal",
        "Signal is reached through a server of your own that runs signal-cli-rest-api.",
        said={
            "from_phone": Said("Number it is sent from", "As registered on that server.", "+15555550100"),
            "target_channel": Said("Number of the group", "As that server lists it."),
        },
        needs=("targets",),
    ),
    "matrix": Words(
        "Matrix",
        "Make an account for the alerts on your homeserver, and invite it to the room.",
        said={
            "token": Said("Access token", "In Element: settings, Help & About.", "syt_…"),
            "target_room_alias": Said("Name of the room", "", "news:matrix.example"),
            "target_room_id": Said("Number of the room", "", "AbCdEf:matrix.example"),
            "target_user": Said("Person", "", "ann:matrix.example"),
        },
        ways={"password": "With user name and password", "host": "With an access token"},
    ),
    "pover": Words(
        "Pushover",
        "On pushover.net copy your user key, then make an application and copy its token.",
        said={
            "user_key": Said("User key", "On your first page at pushover.net.", "u…"),
            "token": Said("Token of the application", "", "a…"),
            "target_device": Said("Device", "Only one of your devices; empty for all.", "phone"),
            "target_group": Said("Group"),
        },
        asks=("priority", "sound"),
    ),
    "gotify": Words(
        "Gotify",
        "In Gotify open Apps, make one, and copy its token.",
        said={"token": Said("Token of the app", "", "AbCdEfGhIjKlMno")},
        asks=("priority",),
    ),
    "workflows": Words(
        "Microsoft Teams",
        "In Teams add a workflow that posts what a webhook receives, and copy the webhook's address.",
        said={
            "workflow": Said("Number of the workflow", "What follows /workflows/ in its address."),
            "signature": Said("Signature", "What follows sig= in its address."),
        },
        links=Link(
            "Address of the workflow",
            "https://prod-1.westus.logic.azure.com/workflows/…",
            ("server", "workflow", "signature"),
            (".logic.azure.com", ".api.powerplatform.com"),
        ),
    ),
    "gchat": Words(
        "Google Chat",
        "In the space open Apps & integrations, Webhooks; add one and copy its address.",
        said={
            "workspace": Said("Space", "What follows /spaces/ in the webhook's address."),
            "webhook_key": Said("Key", "What follows key= in it."),
            "webhook_token": Said("Token", "What follows token= in it."),
            "thread_key": Said("Thread", "Only to ring in one thread of the space."),
        },
        links=Link(
            "Address of the webhook",
            "https://chat.googleapis.com/v1/spaces/…/messages?key=…&token=…",
            ("workspace", "webhook_key", "webhook_token"),
            ("chat.googleapis.com",),
        ),
    ),
    "mmost": Words(
        "Mattermost",
        "In Mattermost open Integrations, Incoming Webhooks; add one and copy its address.",
        said={
            "token": Said("Code of the webhook", "The last part of its address."),
            "user": Said("Name it is sent by", "May stay empty."),
            "target_channel": Said("Channel", "Only if it is not the webhook's own.", "news"),
            "target_channel_id": Said("Number of the channel"),
        },
        links=Link(
            "Address of the webhook",
            "https://mattermost.example/hooks/…",
            ("server", "token"),
            pattern=r"(?P<server>https?://[^?#@]+)/hooks/(?P<token>[A-Za-z0-9]+)/?",
        ),
    ),
    "rocket": Words(
        "Rocket.Chat",
        "In Rocket.Chat add an incoming webhook under Integrations, or use an account made for the alerts.",
        said={
            "webhook": Said(
                "Codes of the webhook",
                "The two last parts of its address, with the / between.",
                "AbCdEf/GhIjKl",
                "^[A-Za-z0-9]+/[A-Za-z0-9]+$",
            ),
            "token": Said("Access token", "From the account's personal access tokens."),
            "user": Said("User name", "With a token: the number shown beside it."),
            "target_room": Said("Number of the room", "", "", "^[A-Za-z0-9]+$"),
        },
        ways={"webhook": "By a webhook", "password": "With user name and password", "token": "With a token"},
        fixed={"token": {"mode": "token"}, "password": {"mode": "basic"}, "webhook": {"mode": "webhook"}},
        slashes=("webhook",),
        needs=("targets:webhook",),
        leaves_out=("target_user:password", "target_user:token"),
    ),
    "zulip": Words(
        "Zulip",
        "In Zulip open settings, Bots; add an incoming webhook bot, and copy its name and API key.",
        said={
            "botname": Said("Name of the bot", "What stands before -bot@ in its address.", "news"),
            "organization": Said("Organization", "What stands before .zulipchat.com.", "newsroom"),
            "token": Said("API key of the bot"),
            "target_user": Said("Person", "Their mail address in Zulip.", "ann@reader.example"),
            "target_stream": Said("Channel", "", "news"),
        },
        needs=("targets",),
    ),
    "nctalk": Words(
        "Nextcloud Talk",
        "Use an account made for the alerts that is a member of the conversation, or a bot's secret.",
        said={
            "target_room_id": Said("Conversation", "The last part of its link.", "a1b2c3d4"),
            "secret": Said("Secret of the bot"),
        },
        ways={"password": "With user name and password", "secret": "By a bot"},
        asks=("url_prefix", "silent"),
    ),
    "pbul": Words(
        "Pushbullet",
        "On pushbullet.com open settings, Account, and make an access token.",
        said={
            "target_device": Said("Device", "Its code there; all three empty: all your devices."),
            "target_channel": Said("Channel"),
        },
    ),
    "hassio": Words(
        "Home Assistant",
        "In Home Assistant open your profile, Security, and make a long-lived access token.",
        said={
            "accesstoken": Said("Access token"),
            "target_device": Said(
                "Notify action", "Empty: a notification in Home Assistant itself.", "mobile_app_ann"
            ),
        },
        templates=tuple(
            f"{{schema}}://{{host}}{port}{target}?accesstoken={{accesstoken}}"
            for target in ("", "/{targets}")
            for port in ("", ":{port}")
        ),
    ),
    **MORE,
}
