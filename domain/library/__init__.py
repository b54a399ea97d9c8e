"""The photo library: finding pictures by perceptual hash and by tags."""
