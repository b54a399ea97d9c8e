"""S3 storage: the bucket, its files, and links to them."""
