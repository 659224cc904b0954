"""The applications of `app.wsgi` for a server that is started in a checkout: `wsgi:app`, `wsgi:simulator`."""

from app.wsgi import __getattr__ as __getattr__
