"""The rows, one noun a file; a table knows only tables upstream of it."""

from subscriptions.tables.alert import Alert, AlertKind, AlertStatus, AlertTopic
from subscriptions.tables.alert_counts import AlertCounts
from subscriptions.tables.article import Article, ArticleStatus, ArticleVersion
from subscriptions.tables.channel import Channel, ChannelStatus
from subscriptions.tables.columns import move
from subscriptions.tables.concordance import Concordance
from subscriptions.tables.delivery import Delivery, DeliveryStatus
from subscriptions.tables.desk_link import DeskLink
from subscriptions.tables.feed_link import FeedLink
from subscriptions.tables.forgotten_article import ForgottenArticle
from subscriptions.tables.match import Match
from subscriptions.tables.media_topic import MediaTopic
from subscriptions.tables.mute import Mute, TopicMute
from subscriptions.tables.own_topic import OwnTopic
from subscriptions.tables.preferences import Preferences
from subscriptions.tables.shard import Shard, ShardStatus
from subscriptions.tables.sign_in import SignIn
from subscriptions.tables.source import Source, SourceStatus
from subscriptions.tables.story import JoinMethod, Story, StoryJoin, StoryKey
from subscriptions.tables.story_follow import StoryFollow
from subscriptions.tables.subscriber import Subscriber
from subscriptions.tables.subscription import Subscription
from subscriptions.tables.topic import Rings, Topic, TopicRevision, TopicStatus, next_revision
from subscriptions.tables.wish import Wish

__all__ = [
    "Alert",
    "AlertCounts",
    "AlertKind",
    "AlertStatus",
    "AlertTopic",
    "Article",
    "ArticleStatus",
    "ArticleVersion",
    "Channel",
    "ChannelStatus",
    "Concordance",
    "Delivery",
    "DeliveryStatus",
    "DeskLink",
    "FeedLink",
    "ForgottenArticle",
    "JoinMethod",
    "Match",
    "MediaTopic",
    "Mute",
    "OwnTopic",
    "Preferences",
    "Rings",
    "Shard",
    "ShardStatus",
    "SignIn",
    "Source",
    "SourceStatus",
    "Story",
    "StoryFollow",
    "StoryJoin",
    "StoryKey",
    "Subscriber",
    "Subscription",
    "Topic",
    "TopicMute",
    "TopicRevision",
    "TopicStatus",
    "Wish",
    "move",
    "next_revision",
]
