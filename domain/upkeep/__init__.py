"""What an operator looks after at a node: what came from its neighbours and could not be shown or taken."""
