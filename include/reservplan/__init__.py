"""Reservplan: verified copies of the home-care plan where staff can print them when every system is down."""
