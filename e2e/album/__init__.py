"""The album: every page of the product and of the bank, in every state that a person can meet."""

from e2e.album.pages import Album, Door, Stop, open_album

__all__ = ["Album", "Door", "Stop", "open_album"]
