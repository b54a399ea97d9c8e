"""The HTTP API for chat bots, agents, the payment platform, and download links."""
