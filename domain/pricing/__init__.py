"""What pictures cost, and whether what was paid is the price."""
