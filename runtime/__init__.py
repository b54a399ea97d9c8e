"""What each process of Darkroom is made of: settings, wiring, logs and readiness."""
