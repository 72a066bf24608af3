"""Kafka clients for the tests that Debian has no package of, kept in the cache folder."""
