"""Generated examples are judged by what they show, not by how long they take."""

from hypothesis import settings

settings.register_profile("unit", deadline=None, database=None)
settings.load_profile("unit")
