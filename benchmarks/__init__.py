"""Benchmarks: what the product promises about speed and memory, each against a named peer in the same run. No part of the tests."""
