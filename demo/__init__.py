"""Reservplan shown at work on one machine: a file server, an export and a whole run, all on loopback."""
