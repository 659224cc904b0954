"""Every page and mail that a cardholder may see, shown before anybody sees it; nothing happens."""

from app.portal.preview.preview_journey import PreviewJourney
from app.portal.preview.routes import previews, room_of_preview

__all__ = ["PreviewJourney", "previews", "room_of_preview"]
