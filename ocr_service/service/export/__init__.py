"""Records that leave the house: once each, in a layout, now or by the clock."""
