"""The `darkroom` commands for orders, designers and the photo library."""
