"""``python -m pmbulk``."""

from pmbulk.cli.main import main

if __name__ == "__main__":
    main()
