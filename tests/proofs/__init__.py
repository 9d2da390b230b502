"""What the two proofs share: the canary words, the hand-written table of who may see what, and a browser."""
