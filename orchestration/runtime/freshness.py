"""When Dagster shows an asset as out of date."""

from datetime import timedelta

import dagster as dg

# Runs start every hour. Two missed runs are a reason to look.
FAIL_WINDOW = timedelta(hours=6)
HOURLY = dg.FreshnessPolicy.time_window(warn_window=timedelta(hours=2), fail_window=FAIL_WINDOW)
