"""S3 storage: bucket set-up, files, and links to them."""
