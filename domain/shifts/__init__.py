"""The officer's shift, and what one hands over to the next."""
