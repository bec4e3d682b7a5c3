"""The call providers' logs, extracted through their documented APIs into the landing folder."""
