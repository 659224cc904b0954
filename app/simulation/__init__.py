"""Everything that vanishes with a real bank: its simulation, the table of endings, the testers' tools."""
