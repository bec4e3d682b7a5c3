"""Extraction of Salesforce objects through Bulk API 2.0 into immutable files of the landing folder."""
