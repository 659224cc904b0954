"""Write the contract of the testers' API; the file is named on the command line."""

import sys
from pathlib import Path

from tests.contract.document import written_contract

if __name__ == "__main__":
    Path(sys.argv[1]).write_text(written_contract())
