"""What tools/instance is made of."""


class Trouble(Exception):
    """Something that a person has to mend; says what, and how."""
