"""How good the files are that customers get, measured against synthetic truth."""
