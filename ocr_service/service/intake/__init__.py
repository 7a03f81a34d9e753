"""Taking batches and files in, up to one document and one job for each page."""
