"""Finished files from people or other image AIs: read from disk, viewed, and checked by their operation's facts."""
