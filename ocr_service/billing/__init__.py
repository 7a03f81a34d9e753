"""What may be billed, to whom and how much. Whole yen only; no database, no clock.

``facts`` says what a record means, ``classify`` what it counts as, ``prices`` what that costs,
``claim`` adds it up, ``papers`` and ``package`` make what is sent.
"""
