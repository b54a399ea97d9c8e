"""Notifies all gateways of changed records, by user."""

from adapters.db.feed import ChangeFeed

CHANNEL = "task_history"  # the table's triggers notify it with the id of the user


class HistoryFeed(ChangeFeed):
    """News of users' records: `watching(str(user_id))`."""

    channel = CHANNEL
