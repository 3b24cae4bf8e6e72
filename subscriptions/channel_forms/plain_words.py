"""Plain words for the parts that many services have, by Apprise's own words for them."""

from subscriptions.channel_forms.words import Said

PHONE = "+15555550101"

PLAIN: dict[str, Said] = {
    "API Key": Said("API key", "A long code from the settings of your account there."),
    "API Token": Said("API token", "A long code from the settings of your account there."),
    "API Secret": Said("API secret"),
    "API Username": Said("User name of the API"),
    "API Password": Said("Password of the API"),
    "Access Token": Said("Access token", "A long code from the settings of your account there."),
    "Account SID": Said("Account SID"),
    "Agent ID": Said("Number of the agent", "", "1000002"),
    "App ID": Said("Number of the app"),
    "Auth Token": Said("Auth token"),
    "Bot Name": Said("Name it is sent by", "What readers see as the sender; may stay empty."),
    "Bot Token": Said("Token of the bot"),
    "Client ID": Said("Client ID"),
    "Client Secret": Said("Client secret"),
    "Domain": Said("Domain", "What follows the @ in the sender's mail address.", "news.example"),
    "Event": Said("Event"),
    "Events": Said("Event", "", "breaking_news"),
    "From Email": Said("Mail address it is sent from", "", "ann@news.example"),
    "From Phone No": Said("Number it is sent from", "The number the service gave you.", "+15555550100"),
    "Host": Said("Server"),
    "Integration Key": Said("Integration key", "From the integration's page there."),
    "Login": Said("User name"),
    "Password": Said("Password"),
    "Port": Said("Port", "", "8080"),
    "Region Name": Said("Region of your account"),
    "Region": Said("Region of your account"),
    "Room ID": Said("Room", "The code at the end of the room's link."),
    "Secret": Said("Secret"),
    "Sender ID": Said("Name it is sent by", "As registered with the service."),
    "Sender Name": Said("Name it is sent by", "As registered with the service."),
    "Source Email": Said("Mail address it is sent from", "", "ann@news.example"),
    "Source Phone No": Said("Number it is sent from", "The number the service gave you.", "+15555550100"),
    "Target Channel": Said("Channel", "", "news"),
    "Target Channel ID": Said("Number of the channel"),
    "Target Device": Said("Device", "The device's name or code in the service's app."),
    "Target Email": Said("Mail address to tell", "", "ann@reader.example"),
    "Target Emails": Said("Mail address to tell", "", "ann@reader.example"),
    "Target Group": Said("Group"),
    "Target Group ID": Said("Number of the group"),
    "Target Phone": Said("Phone number to tell", "With the country's code.", PHONE),
    "Target Phone No": Said("Phone number to tell", "With the country's code.", PHONE),
    "Recipient Phone Number": Said("Phone number to tell", "With the country's code.", PHONE),
    "Target SMS": Said("Phone number to tell", "With the country's code.", PHONE),
    "Target Room ID": Said("Number of the room"),
    "Target Room Alias": Said("Name of the room"),
    "Target Topic": Said("Topic", "", "breaking"),
    "Target User": Said("Person", "Their name there.", "ann"),
    "Target User ID": Said("Number of the person"),
    "Target Team": Said("Team"),
    "Target ID": Said("Number of whom to tell"),
    "Target Short Code": Said("Short code to tell", "Five or six digits.", "12345"),
    "Target Callsign": Said("Call sign to tell", "", "DF1ABC"),
    "Targets": Said("Whom to tell"),
    "Token": Said("Token", "A long code from the service."),
    "Topic": Said("Topic"),
    "User": Said("User name"),
    "User Name": Said("User name"),
    "Username": Said("User name"),
    "User Token": Said("Token of the user"),
    "Webhook ID": Said("Number of the webhook"),
    "Webhook Token": Said("Token of the webhook", "The last part of the webhook's address."),
    # Arguments.
    "From Name": Said("Name it is sent by", "", "News desk"),
    "Language": Said("Language", "", "en"),
    "Level": Said("How loudly it rings"),
    "Priority": Said("How loudly it rings"),
    "QOS": Said("Quality of service", "0: at most once, 1: at least once, 2: exactly once.", "1"),
    "Silent Notification": Said("Without a sound"),
    "Sound": Said("Sound"),
    "URL Prefix": Said("Path it is installed in", "Where it is not at the root of its server.", "/cloud"),
    "Path Prefix": Said("Path it is installed in", "Where it is not at the root of its server.", "/home"),
    "Volume": Said("Volume"),
}

SERVER = Said(
    "Address of the server", "Begin with http:// only if it has no https.", "https://{name}.example"
)
PLACE = Said("Address of the server", "With its port where that is not the usual one.", "{name}.example:1234")

# Arguments worth asking for: they change where or how loudly it rings. The others keep Apprise's default.
ASKED = frozenset(
    {
        *("client_id", "company", "country", "exchange", "from", "lang", "language", "level", "name", "nick"),
        *("prefix", "priority", "profile", "qos", "region", "sender", "silent", "sound", "source", "thread"),
        *("topic", "unicode", "url_prefix", "vhost", "visibility", "volume"),
    }
)
