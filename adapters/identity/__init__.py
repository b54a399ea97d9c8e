"""Who an end user is: tokens (JWT), and the keys of the identity provider that signs them."""
