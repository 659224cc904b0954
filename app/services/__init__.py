"""The use cases: everything that can be done with an activation or by an accountant, one transaction each."""
