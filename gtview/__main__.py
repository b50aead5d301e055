"""`python -m gtview`."""

from .cli import main

if __name__ == "__main__":
    main()
