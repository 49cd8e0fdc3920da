"""The commands of the watch, each in a module of its own; `cli` names them."""
