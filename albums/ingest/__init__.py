"""The machine writes: one door in, then steps that the ledger says are still to be done."""
