"""Mingzhang 明账: budget disclosures of Chinese government departments as linked data."""

__version__ = "0.1.0"
