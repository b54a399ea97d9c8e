"""A simulator of Volcengine Ark, which hosts Seedream."""
