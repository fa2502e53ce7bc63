"""What tools/gen_api.py is made of: reading the contract, compiling schemas, writing C."""
