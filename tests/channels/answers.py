"""What the far end says: enough for plugins that first log in, or look something up, to go on."""

import json
from dataclasses import dataclass
from typing import Any

ID = "1001"
TOKEN = "fictional-access-token"


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: its body, as text or as what becomes JSON, and its status."""

    content: Any
    status: int = 200

    @property
    def body(self) -> bytes:
        """The bytes of the body."""
        return (self.content if isinstance(self.content, str) else json.dumps(self.content)).encode()


# Fields that one service or another looks at, with values that let its plugin go on.
USUAL = Said(
    {
        "AccessToken": TOKEN,
        "Id": ID,
        "access_token": TOKEN,
        "accessJwt": TOKEN,
        "device_id": "BELL",
        "did": "did:plc:fictional0001",
        "expires_in": 3600,
        "fired": True,
        "id": ID,
        "m.homeserver": {"base_url": "https://matrix.example:8448"},
        "ok": True,
        "requestId": ID,
        "result": {"status": "ok"},
        "room_id": "!fictional:matrix.example",
        "sent": True,
        "service": [{"type": "AtprotoPersonalDataServer", "serviceEndpoint": "https://pds.example"}],
        "status": "success",
        "success": True,
        "user_id": "@desk:matrix.example",
    }
)

# Where the usual answer does not do: the start of host and path, and what is said there.
SPECIAL = {
    "api.mobilemessage.com.au": Said({"status": "complete", "results": [{"status": "success"}]}),
    "api.octopush.com": Said({"sms_ticket": "1001"}, 201),
    "api.twist.com/api/v3/channels/get": Said([{"name": "newsroom", "id": 1001}]),
    "api.twist.com/api/v3/users/login": Said({"token": TOKEN, "default_workspace": 1}),
    "api.twitter.com/2/users/by": Said({"data": [{"id": ID, "username": "ann"}]}),
    "api.wpush.cn": Said({"code": 0}),
    "chatapi.viber.com": Said({"status": 0}),
    "emby.example:8096/Sessions": Said([{"Id": ID}]),
    "hooks.slack.com": Said("ok"),
    "jellyfin.example:8096/Sessions": Said([{"Id": ID}]),
    "sns.": Said("<Answer><TopicArn>arn:aws:sns:eu-west-1:000000000000:breaking</TopicArn></Answer>"),
    "www.hampager.de": Said({}, 201),
    "www.pushplus.plus": Said({"code": 200}),
    "www.pushsafer.com": Said({"status": 1, "success": "told"}),
    "wxpusher.zjiecode.com": Said({"code": 1000}),
}


def answer_to(host: str, path: str) -> Said:
    """Choose the answer to a request."""
    place = f"{host}{path}"
    return next((said for start, said in SPECIAL.items() if place.startswith(start)), USUAL)
