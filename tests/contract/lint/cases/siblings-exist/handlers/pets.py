"""Pets over HTTP."""
