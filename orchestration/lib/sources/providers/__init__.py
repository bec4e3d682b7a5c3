"""The call providers' own logs, fetched through their documented interfaces into the landing folder."""
