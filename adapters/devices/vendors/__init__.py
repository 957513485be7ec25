"""One module for each vendor's format. A module that defines ``FORMAT`` is offered to devices under its name."""
