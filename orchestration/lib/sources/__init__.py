"""Live sources: Salesforce and call providers, extracted into the landing folder as immutable files."""
