"""How devices are: when each was heard last, how its clock goes, whether it is silent."""
