"""What the fault tests share: the load, the instance's processes, the search for what must not be found."""
