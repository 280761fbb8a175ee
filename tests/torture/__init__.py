"""Slow proofs that nothing is lost: a real box is killed, loses power, is filled and fed rubbish.

`scripts/torture` runs them. Each keeps account of what the box acknowledged (witness.py), does as
its owner's devices do (acts.py), and after each blow looks whether every promise holds (look.py).
"""
