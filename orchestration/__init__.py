"""Landing, building and publishing. What any process of this project writes is for its own user only."""

import os

# Whatever the shell's umask: the warehouse, logs and Dagster's records contain personal data.
os.umask(0o077)
