"""Image processing: decoding, finishing, checking, and the neural networks that run on a CPU."""
