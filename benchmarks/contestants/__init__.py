"""What our engine is compared with."""
