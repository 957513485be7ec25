"""The organisation of the eastern border as it is publicly known, and how it is loaded at the centre.

In the ``.toml`` files each fact says under ``source`` where it is from: ``D`` an official or primary source, ``S`` a
secondary one (press, encyclopaedia, other software), ``M`` what those who know the field say, to be checked before
anybody relies on it.
"""
