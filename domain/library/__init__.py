"""The photo library: finding pictures by likeness and by tags."""
