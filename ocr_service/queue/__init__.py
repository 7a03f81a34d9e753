"""The doorbell: a message that says a job may be waiting. The database is the queue."""
