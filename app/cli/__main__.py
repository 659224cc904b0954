"""Run `caro` as a module, whatever the PATH is."""

from app.cli import main

if __name__ == "__main__":
    main()
