"""What every live source shares: patient requests, immutable files, and how far the warehouse has come."""
