"""What the box and its notifications say."""

from subscriptions.errors import msgid
from subscriptions.texts import Language

# `{topic}` stands for the topic's name.
SAID = {
    "title": msgid("Never miss breaking news on {topic}"),
    "offer": msgid("Get notifications to stay updated"),
    "notify": msgid("Notify me"),  # the button
    "asking": msgid("Please answer your browser's question."),  # while the browser asks
    "busy": msgid("One moment…"),
    "subscribed": msgid("You're subscribed"),
    "unsubscribe": msgid("Unsubscribe"),  # the button
    "left": msgid("You're not subscribed any more."),
    "refused": msgid(
        "Notifications from this site are blocked. Allow them in "
        "your browser's settings for this site, then reload the page."
    ),
    "unsupported": msgid("This browser cannot show notifications."),
    # on an iPhone or iPad, outside the home screen
    "home": msgid("On an iPhone or iPad, tap Share, then Add to Home Screen, and open this site from there."),
    "window": msgid("Please go on in the small window."),  # while the small window is open
    "failed": msgid("That did not work. Check your connection and try again."),
    "mail": msgid("Get e-mails instead"),  # a link
    "mute": msgid("Mute this story"),  # a button of the notification
    "settings": msgid("Settings"),  # the other
}


def texts_in(language: Language) -> dict[str, str]:
    """Give the texts in a language, by what the scripts call them."""
    return {name: language.gettext(text) for name, text in SAID.items()}
