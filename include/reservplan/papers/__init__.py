"""What lies on a store besides the copies of its cells: the start page, the paper routine, the week packs.

They are made of what the store holds, never of what a run believes; ours by hash, replaced whole, removed by retention.
"""
