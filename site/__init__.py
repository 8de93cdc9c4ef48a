"""The pages: entity pages, charts, dumps and catalogue of a release."""
