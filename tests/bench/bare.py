"""The measure of all pages: the least that Flask can serve. It imports nothing of the product."""

from flask import Flask


def hello() -> Flask:
    """Build the bare page."""
    bare = Flask(__name__)

    @bare.get("/")
    def index() -> str:
        return "hello"

    return bare
