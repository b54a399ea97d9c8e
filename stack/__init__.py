"""The local stack: starts and stops all servers on this machine together."""
