"""Toys over HTTP."""
