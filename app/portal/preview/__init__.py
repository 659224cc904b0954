"""Every page and mail that a cardholder may see, shown before anybody sees it; nothing happens."""

from app.portal.preview.journey import PreviewJourney
from app.portal.preview.rooms import room_of_preview
from app.portal.preview.start import previews

__all__ = ["PreviewJourney", "previews", "room_of_preview"]
