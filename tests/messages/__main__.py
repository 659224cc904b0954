"""Write the page of messages; the file is named on the command line."""

import sys
from pathlib import Path

from tests.messages.page import messages_page

if __name__ == "__main__":
    Path(sys.argv[1]).write_text(messages_page())
