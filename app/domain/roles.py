"""The roles in an office, from the one that may least to the one that may most."""

from enum import StrEnum


class Role(StrEnum):
    """What somebody may do in their office: everything that the roles before it may, and more."""

    READER = "reader"
    COLLABORATOR = "collaborator"
    RESPONSIBLE = "responsible"

    def includes(self, other: "Role") -> bool:
        """Tell whether this role may do what the other may."""
        order = tuple(Role)
        return order.index(self) >= order.index(other)


#: Who orders, and acts on requests; they alone see the cardholders' addresses.
ACTING = Role.COLLABORATOR
