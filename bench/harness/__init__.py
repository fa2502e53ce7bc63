"""What `make bench` is made of; bench/run is the program."""
