"""What every Dagster run needs besides its assets: settings, the writer's lock, retries, readable errors, storage."""
