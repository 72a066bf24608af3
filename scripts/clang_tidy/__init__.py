"""Plug-ins of clang-tidy."""
