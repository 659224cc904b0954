"""WebKit where Playwright has none: Debian's WebKitGTK, steered over the public WebDriver protocol."""
