"""The album: every page of the product and of the bank, in every state that a person can meet."""

from e2e.album.pages import Album, AlbumPage, AlbumSection, open_album

__all__ = ["Album", "AlbumPage", "AlbumSection", "open_album"]
