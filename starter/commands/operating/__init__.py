"""Commands for whoever runs the shop; they look at settings, records and servers."""
