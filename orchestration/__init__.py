"""Landing, building and publishing. Only the user that runs a process of this project can read what it writes."""

import os

# Whatever the shell's umask: the warehouse, logs and Dagster's records contain personal data.
os.umask(0o077)
