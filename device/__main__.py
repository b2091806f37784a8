"""`python -m device` and the command `device`."""

import sys

from device.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
