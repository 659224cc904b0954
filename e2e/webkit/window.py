"""A window of WebKitGTK as narrow as a phone, steered by WebKitWebDriver; the system's own Python runs it."""

import sys

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2  # noqa: E402


def open_window(width: int, height: int, language: str, colours: str) -> None:
    """Show a page to whoever steers: one that remembers nothing, and trusts the tests' own certificates."""
    Gtk.Settings.get_default().set_property("gtk-application-prefer-dark-theme", colours == "dark")
    context = WebKit2.WebContext.new_ephemeral()
    context.set_preferred_languages([language])
    context.get_website_data_manager().set_tls_errors_policy(WebKit2.TLSErrorsPolicy.IGNORE)
    context.set_automation_allowed(True)
    view = WebKit2.WebView(web_context=context, is_controlled_by_automation=True)
    context.connect(
        "automation-started", lambda _, session: session.connect("create-web-view", lambda _: view)
    )
    window = Gtk.Window(default_width=width, default_height=height, decorated=False)
    window.add(view)
    window.connect("destroy", Gtk.main_quit)
    window.show_all()
    # Nobody manages windows on a screen of its own, so that none has the focus until it takes it.
    window.get_window().focus(0)
    Gtk.main()


if __name__ == "__main__":
    open_window(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
