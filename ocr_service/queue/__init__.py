"""The doorbell: tells a worker that a job waits. What waits is in the database."""
