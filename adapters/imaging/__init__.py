"""Work on the pictures themselves: decode, finish, check, and the networks that run on a CPU."""
