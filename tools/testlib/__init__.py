"""What tools/test-all is made of."""
