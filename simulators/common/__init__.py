"""What the stand-ins share: faults, pages, paint, and what they keep."""
